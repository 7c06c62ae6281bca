import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AccessUnitSchema, type AvPacket, AvPacketSchema, Track } from "@troupe/contracts";
import { createManualClock } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { type RtcpPacket, RtcpSrPacket, type RtpPacket } from "werift";
import { OutgoingMedia } from "./outgoing-media.ts";
import type { RtpLink } from "./rtp-link.ts";

const description = Uint8Array.of(1, 0x42, 0xe0, 0x1f, 0xff, 0xe1, 0, 2, 0x67, 1, 1, 0, 2, 0x68, 1);

function link(ssrc: number) {
  const packets: RtpPacket[] = [];
  const reports: RtcpSrPacket[] = [];
  const taken: RtpLink = {
    ssrc,
    cname: "c",
    payloadType: 100,
    absSendTimeId: 3,
    send: (packet) => void packets.push(packet),
    report: (list: readonly RtcpPacket[]) => void reports.push(...list.filter((packet) => packet instanceof RtcpSrPacket)),
  };
  return { taken, packets, reports };
}

function begin() {
  const clock = createManualClock(5_000);
  const [audio, video] = [link(1), link(2)];
  let keyframes = 0;
  const media = new OutgoingMedia({ clock, onDropped: () => keyframes++ }, { audio: audio.taken, video: video.taken });
  const header = (track: Track, codec: string) =>
    media.take(create(AvPacketSchema, { body: { case: "header", value: { track, codec, description } } }).body as AvPacket["body"]);
  const unit = (given: MessageInitShape<typeof AccessUnitSchema>) => media.take({ case: "unit", value: create(AccessUnitSchema, given) });
  const sound = (ptsUs: number) => unit({ track: Track.AUDIO, ptsUs: BigInt(ptsUs), durationUs: 20_000, data: Uint8Array.of(1, 2) });
  const picture = (ptsUs: number, keyframe: boolean, size = 10) =>
    unit({
      track: Track.VIDEO,
      ptsUs: BigInt(ptsUs),
      keyframe,
      data: Uint8Array.of(0, 0, size >> 8, size & 255, keyframe ? 0x65 : 0x61, ...new Uint8Array(size - 1)),
    });
  return { clock, audio, video, media, header, sound, picture, keyframes: () => keyframes };
}

/** Time of an RTP timestamp as a receiver finds it. */
const timeOf = ({ senderInfo }: RtcpSrPacket, timestamp: number, rate: number) =>
  Number(senderInfo.ntpTimestamp) / 2 ** 32 + ((timestamp - senderInfo.rtpTimestamp) | 0) / rate;

describe("picture and sound on their way to a peer", () => {
  it("stand on one line of time, whenever they are sent and for hours", async () => {
    const { clock, audio, video, header, sound, picture, media } = begin();
    header(Track.AUDIO, "opus");
    header(Track.VIDEO, "avc1.42e01f");
    for (let tick = 0; tick < 60; tick++) {
      const ptsUs = tick * 120_000_000;
      sound(ptsUs);
      // Pictures come later than the sound of their time.
      await clock.advance(35);
      picture(ptsUs, true);
      await clock.advance(119_965);
    }
    media.close();
    const at = (index: number) => {
      const [first, second] = [audio.packets[index], video.packets.filter(({ header: { marker } }) => marker)[index]] as [
        RtpPacket,
        RtpPacket,
      ];
      const [sounds, shows] = [audio.reports.at(-1), video.reports.at(-1)] as [RtcpSrPacket, RtcpSrPacket];
      return timeOf(shows, second.header.timestamp, 90_000) - timeOf(sounds, first.header.timestamp, 48_000);
    };
    for (const index of [50, 55, 59]) expect(Math.abs(at(index))).toBeLessThan(0.0001);
    expect(audio.reports.length).toBeGreaterThan(60);
  });

  it("begin with a keyframe, and again when the form of the picture changes", () => {
    const { video, header, picture, media } = begin();
    header(Track.VIDEO, "avc1.42e01f");
    picture(0, false);
    expect(video.packets).toHaveLength(0);
    picture(40_000, true);
    const first = video.packets.length;
    picture(80_000, false);
    expect(video.packets).toHaveLength(first + 1);
    header(Track.VIDEO, "avc1.42e01f");
    picture(120_000, false);
    expect(video.packets).toHaveLength(first + 1);
    header(Track.VIDEO, "vp8");
    picture(160_000, true);
    expect(video.packets).toHaveLength(first + 1);
    media.close();
  });

  it("are paced: a large keyframe does not go out at once, and its sound does not wait for it", async () => {
    const { clock, audio, video, header, sound, picture, media } = begin();
    header(Track.AUDIO, "opus");
    header(Track.VIDEO, "avc1.42e01f");
    picture(0, true, 60_000);
    sound(0);
    expect(audio.packets).toHaveLength(1);
    expect(video.packets.length).toBeLessThan(14);
    await clock.advance(100);
    expect(video.packets.at(-1)?.header.marker).toBe(true);
    const sequences = video.packets.map((packet) => packet.header.sequenceNumber);
    expect(sequences.slice(1).every((sequence, index) => sequence === (((sequences[index] ?? 0) + 1) & 0xffff))).toBe(true);
    media.close();
  });

  it("leave a picture out where too much waits, and ask for a keyframe", () => {
    const { header, picture, media, keyframes } = begin();
    header(Track.VIDEO, "avc1.42e01f");
    for (let frame = 0; frame < 30; frame++) picture(frame * 40_000, frame === 0, 60_000);
    expect(keyframes()).toBe(1);
    media.close();
  });
});
