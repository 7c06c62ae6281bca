import { createManualClock } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { PictureLossIndication, ReceiverEstimatedMaxBitrate, RtcpPayloadSpecificFeedback, RtcpReceiverInfo, RtcpRrPacket } from "werift";
import type { CongestionHint } from "./congestion.ts";
import { compactNtp, toNtp } from "./media-timeline.ts";
import { PlaybackEstimate } from "./playback-estimate.ts";
import { ReceiverFeedback, rttOf, type SoundReport } from "./receiver-feedback.ts";

function begin() {
  const clock = createManualClock(1_000_000);
  const hints: CongestionHint[] = [];
  const sounds: SoundReport[] = [];
  let keyframes = 0;
  const feedback = new ReceiverFeedback(
    clock,
    { audioSsrc: 1, videoSsrc: 2, videoBitrateBps: 1_000_000 },
    { keyframe: () => keyframes++, congestion: (hint) => hints.push(hint), sound: (report) => sounds.push(report) },
  );
  const report = (ssrc: number, fractionLost: number) =>
    feedback.take(
      new RtcpRrPacket({
        reports: [new RtcpReceiverInfo({ ssrc, fractionLost, packetsLost: 0, highestSequence: 0, jitter: 480, lsr: 0, dlsr: 0 })],
      }),
    );
  const pli = (mediaSsrc: number) =>
    feedback.take(new RtcpPayloadSpecificFeedback({ feedback: new PictureLossIndication({ senderSsrc: 9, mediaSsrc }) }));
  return { clock, feedback, hints, sounds, report, pli, keyframes: () => keyframes };
}

describe("what a peer tells of what it receives", () => {
  it("asks for keyframes no faster than may be, and the last request is kept", async () => {
    const { clock, pli, keyframes } = begin();
    for (let n = 0; n < 100; n++) {
      pli(2);
      pli(77);
      await clock.advance(10);
    }
    await clock.advance(1000);
    expect(keyframes()).toBe(3);
  });

  it("understands a FIR, whose header names no source", () => {
    const { feedback, keyframes } = begin();
    const fir = (ssrc: number) => ({ count: 4, senderSsrc: 9, mediaSsrc: 0, fir: [{ ssrc, sequenceNumber: 1 }] }) as never;
    feedback.take(new RtcpPayloadSpecificFeedback({ feedback: fir(3) }));
    expect(keyframes()).toBe(0);
    feedback.take(new RtcpPayloadSpecificFeedback({ feedback: fir(2) }));
    expect(keyframes()).toBe(1);
  });

  it("lowers the picture's rate by what is lost, and raises it again slowly, never above what was asked for", async () => {
    const { clock, hints, report } = begin();
    for (let second = 0; second < 10; second++) {
      report(2, 64);
      await clock.advance(1000);
    }
    const lowest = hints.at(-1)?.bitrateBps ?? 0;
    expect(lowest).toBeLessThan(400_000);
    expect(hints.every(({ lossFraction }) => lossFraction === 0.25)).toBe(true);
    const lowered = hints.length;
    for (let second = 0; second < 120; second++) {
      report(2, 0);
      await clock.advance(1000);
    }
    expect(hints.at(-1)?.bitrateBps).toBeGreaterThan(800_000);
    expect(Math.max(...hints.map(({ bitrateBps }) => bitrateBps))).toBeLessThanOrEqual(1_000_000);
    expect(hints.length - lowered).toBeLessThan(15);
  });

  it("caps the rate by the receiver's own estimate", () => {
    const { feedback, hints } = begin();
    const remb = new ReceiverEstimatedMaxBitrate({ senderSsrc: 9, mediaSsrc: 0, bitrate: 250_000n, ssrcFeedbacks: [2] });
    feedback.take(new RtcpPayloadSpecificFeedback({ feedback: remb }));
    expect(hints).toMatchObject([{ bitrateBps: 250_000 }]);
  });

  it("is congested while many packets are lost, or the rate has fallen below half, and only as long as it reports", async () => {
    const { clock, feedback, report } = begin();
    const remb = (bitrate: bigint) =>
      feedback.take(
        new RtcpPayloadSpecificFeedback({
          feedback: new ReceiverEstimatedMaxBitrate({ senderSsrc: 9, mediaSsrc: 0, bitrate, ssrcFeedbacks: [2] }),
        }),
      );
    expect(feedback.congested).toBe(false);
    report(2, 30);
    expect(feedback.congested).toBe(true);
    report(2, 2);
    expect(feedback.congested).toBe(false);
    report(1, 200);
    expect(feedback.congested).toBe(false);
    remb(450_000n);
    expect(feedback.congested).toBe(true);
    await clock.advance(5001);
    expect(feedback.congested).toBe(false);
    report(2, 0);
    expect(feedback.congested).toBe(true);
    // A smaller picture needs less.
    feedback.videoBitrateBps = 500_000;
    expect(feedback.congested).toBe(false);
    feedback.videoBitrateBps = 0;
    report(2, 255);
    expect(feedback.congested).toBe(false);
  });

  it("lowers a rate that the encoder was given anew, where the network carries less", async () => {
    const { clock, feedback, hints, report } = begin();
    const remb = new ReceiverEstimatedMaxBitrate({ senderSsrc: 9, mediaSsrc: 0, bitrate: 600_000n, ssrcFeedbacks: [2] });
    feedback.take(new RtcpPayloadSpecificFeedback({ feedback: remb }));
    expect(hints.at(-1)?.bitrateBps).toBe(600_000);
    await clock.advance(2000);
    feedback.videoBitrateBps = 1_000_000;
    report(2, 0);
    expect(hints.map(({ bitrateBps }) => bitrateBps)).toEqual([600_000, 600_000]);
  });

  it("knows the round trip by the report that is answered (RFC 3550 §6.4.1)", () => {
    const lsr = compactNtp(toNtp(10_000));
    expect(rttOf(10_350, lsr, 0.25 * 65_536)).toBeCloseTo(100, 0);
    expect(rttOf(10_350, 0, 0)).toBeUndefined();
  });
});

describe("where a player is that tells nothing of it", () => {
  it("is known only while its reports show that sound arrives", async () => {
    const { sounds, report } = begin();
    const estimate = new PlaybackEstimate();
    expect(estimate.at(5_000_000, 0)).toBeUndefined();
    report(1, 0);
    estimate.heard(sounds[0] as SoundReport, 0);
    expect(estimate.at(5_000_000, 10)).toMatchObject({ positionUs: 4_900_000n, bufferedUs: 100_000 });
    expect(estimate.at(5_000_000, 20)).toBeUndefined();
    expect(estimate.at(6_000_000, 13_000)).toBeUndefined();
    estimate.heard({ rttMs: 80, jitterMs: 50, lossFraction: 0 }, 13_000);
    expect(estimate.at(6_000_000, 13_000)).toMatchObject({ positionUs: 5_760_000n });
    estimate.heard({ rttMs: 80, jitterMs: 50, lossFraction: 0.9 }, 14_000);
    expect(estimate.at(7_000_000, 14_000)).toBeUndefined();
  });
});
