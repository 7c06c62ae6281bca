import type { Clock } from "@troupe/timeline";
import {
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  type RtcpPacket,
  RtcpPayloadSpecificFeedback,
  type RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSrPacket,
} from "werift";
import { CongestionControl, type CongestionHint } from "./congestion.ts";
import { KeyframeRequests } from "./keyframe-requests.ts";
import { compactNtp, toNtp } from "./media-timeline.ts";

export interface SoundReport {
  readonly rttMs: number | undefined;
  readonly jitterMs: number;
  /** 0..1 since the report before. */
  readonly lossFraction: number;
}

export interface FeedbackEvents {
  readonly keyframe: () => void;
  readonly congestion: (hint: CongestionHint) => void;
  /** The peer tells how its sound arrives. */
  readonly sound: (report: SoundReport) => void;
}

export interface FeedbackOptions {
  readonly audioSsrc: number | undefined;
  readonly videoSsrc: number | undefined;
  /** Of the picture, as it is asked of the encoder. */
  readonly videoBitrateBps: number;
}

/** Two requests of one peer for a keyframe are at least this far apart. */
const keyframeEveryMs = 500;
const soundClockPerMs = 48;

/** Of a full intra request. */
interface FirEntry {
  readonly ssrc: number;
}

/** What a peer tells over RTCP of what it receives. */
export class ReceiverFeedback {
  readonly #clock: Clock;
  readonly #events: FeedbackEvents;
  readonly #options: FeedbackOptions;
  readonly #keyframes: KeyframeRequests;
  readonly #congestion: CongestionControl;

  constructor(clock: Clock, options: FeedbackOptions, events: FeedbackEvents) {
    this.#clock = clock;
    this.#options = options;
    this.#events = events;
    this.#keyframes = new KeyframeRequests(clock, keyframeEveryMs, events.keyframe);
    this.#congestion = new CongestionControl(options.videoBitrateBps);
  }

  take(packet: RtcpPacket): void {
    if (packet instanceof RtcpRrPacket || packet instanceof RtcpSrPacket) for (const report of packet.reports) this.#report(report);
    else if (packet instanceof RtcpPayloadSpecificFeedback) this.#picture(packet.feedback);
  }

  /** The picture's encoder was asked for another rate; 0: there is no picture. */
  set videoBitrateBps(bps: number) {
    this.#congestion.maxBps = bps;
  }

  /** Whether the peer's network carries too little of the picture, as far as its reports tell. */
  get congested(): boolean {
    return this.#congestion.congestedAt(this.#clock.nowMs());
  }

  close(): void {
    this.#keyframes.close();
  }

  #report({ ssrc, fractionLost, jitter, lsr, dlsr }: RtcpReceiverInfo): void {
    const nowMs = this.#clock.nowMs();
    const lossFraction = fractionLost / 256;
    const rttMs = rttOf(nowMs, lsr, dlsr);
    if (ssrc === this.#options.audioSsrc) this.#events.sound({ rttMs, lossFraction, jitterMs: jitter / soundClockPerMs });
    if (ssrc === this.#options.videoSsrc) this.#tell(this.#congestion.report(lossFraction, rttMs, nowMs));
  }

  #picture(feedback: RtcpPayloadSpecificFeedback["feedback"]): void {
    const { videoSsrc } = this.#options;
    if (videoSsrc === undefined) return;
    if (feedback instanceof PictureLossIndication && feedback.mediaSsrc === videoSsrc) this.#keyframes.ask();
    // The header of a FIR names no source; its entries do (RFC 5104 §4.3.1).
    if ("fir" in feedback && (feedback.fir as readonly FirEntry[]).some(({ ssrc }) => ssrc === videoSsrc)) this.#keyframes.ask();
    if (feedback instanceof ReceiverEstimatedMaxBitrate && feedback.ssrcFeedbacks.includes(videoSsrc))
      this.#tell(this.#congestion.estimate(Number(feedback.bitrate), this.#clock.nowMs()));
  }

  #tell(hint: CongestionHint | undefined): void {
    if (hint) this.#events.congestion(hint);
  }
}

/** RFC 3550 §6.4.1. Undefined: the report answers no sender report of ours. */
export function rttOf(nowMs: number, lsr: number, dlsr: number): number | undefined {
  if (lsr === 0) return undefined;
  const rtt = (compactNtp(toNtp(nowMs)) - lsr - dlsr) >>> 0;
  // Half a turn back is a report from the future, by rounding.
  return rtt > 0x7fff_ffff ? 0 : (rtt * 1000) / 65_536;
}
