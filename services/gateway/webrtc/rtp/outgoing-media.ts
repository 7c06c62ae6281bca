import { type AvPacket, Track, type TrackHeader } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Clock } from "@troupe/timeline";
import { createH264Payloads, type H264Payloads } from "./h264-payloads.ts";
import { MediaTimeline } from "./media-timeline.ts";
import { Pacer } from "./pacer.ts";
import type { RtpLink } from "./rtp-link.ts";
import { RtpTrack } from "./rtp-track.ts";

export interface OutgoingMediaDeps {
  readonly clock: Clock;
  /** Pictures were dropped, since more waits than may wait: the next one that can be sent is a keyframe. */
  readonly onDropped: () => void;
}

export interface OutgoingLinks {
  readonly audio: RtpLink | undefined;
  readonly video: RtpLink | undefined;
}

type Unit = Extract<AvPacket["body"], { case: "unit" }>["value"];

const reportEveryMs = 1000;
/** Opus counts in 48 kHz whatever it was made from (RFC 7587 §4.1). */
export const audioClockRateHz = 48_000;
export const videoClockRateHz = 90_000;

/**
 * The picture and sound of a session as RTP for one peer. Both tracks stand on one line between position and time; a picture begins
 * with a keyframe, and again after anything was left out.
 */
export class OutgoingMedia {
  readonly #deps: OutgoingMediaDeps;
  readonly #timeline: MediaTimeline;
  readonly #pacer: Pacer;
  readonly #audio: RtpTrack | undefined;
  readonly #video: RtpTrack | undefined;
  #sounds = false;
  #silentBefore = true;
  #payloads: H264Payloads | undefined;
  #needsKeyframe = true;
  #newestSoundUs = 0;
  #cancelReports: (() => void) | undefined;

  constructor(deps: OutgoingMediaDeps, links: OutgoingLinks) {
    this.#deps = deps;
    this.#timeline = new MediaTimeline(deps.clock);
    this.#pacer = new Pacer(deps.clock);
    this.#audio = links.audio && new RtpTrack(links.audio, audioClockRateHz);
    this.#video = links.video && new RtpTrack(links.video, videoClockRateHz);
  }

  /** End of the newest sound that was sent, on the session scale. */
  get newestSoundUs(): number {
    return this.#newestSoundUs;
  }

  /** @param bps target of the picture's encoder */
  set targetBps(bps: number) {
    this.#pacer.targetBps = bps;
  }

  take(body: AvPacket["body"]): void {
    if (body.case === "header") this.#header(body.value);
    else if (body.case === "unit" && body.value.track === Track.AUDIO) this.#sound(body.value);
    else if (body.case === "unit" && body.value.track === Track.VIDEO) this.#picture(body.value);
  }

  close(): void {
    this.#cancelReports?.();
    this.#pacer.close();
  }

  #header({ track, codec, description }: TrackHeader): void {
    if (track === Track.AUDIO) this.#sounds = codec === "opus";
    if (track !== Track.VIDEO) return;
    this.#needsKeyframe = true;
    this.#payloads = codec.startsWith("avc1.") ? payloadsOf(description) : undefined;
  }

  #sound({ data, ptsUs, durationUs }: Unit): void {
    const position = Number(ptsUs);
    const track = this.#audio;
    if (!track || !this.#sounds) return;
    track.send(track.packet(data, position, this.#silentBefore), this.#deps.clock.nowMs());
    this.#silentBefore = false;
    this.#newestSoundUs = position + durationUs;
    this.#sent(position);
  }

  #picture({ data, ptsUs, keyframe }: Unit): void {
    const position = Number(ptsUs);
    const track = this.#video;
    if (!track || !this.#payloads || (this.#needsKeyframe && !keyframe)) return;
    const packets = this.#payloads.of(data, keyframe).map(({ payload, marker }) => track.packet(payload, position, marker));
    const paced = packets.map((packet) => ({
      sizeBytes: packet.payload.length,
      send: () => track.send(packet, this.#deps.clock.nowMs()),
    }));
    this.#needsKeyframe = !this.#pacer.push(paced);
    if (this.#needsKeyframe) this.#deps.onDropped();
    else this.#sent(position);
  }

  #sent(ptsUs: number): void {
    if (!this.#timeline.sent(ptsUs)) return;
    this.#cancelReports?.();
    this.#report();
  }

  #report(): void {
    const now = this.#timeline.now();
    if (now) for (const track of [this.#audio, this.#video]) track?.report(now.ntp, now.ptsUs);
    this.#cancelReports = this.#deps.clock.setTimer(reportEveryMs, () => this.#report());
  }
}

/** No picture rather than a wrong one, should a presenter describe it wrongly. */
function payloadsOf(description: Uint8Array): H264Payloads | undefined {
  try {
    return createH264Payloads(description);
  } catch (thrown) {
    if (thrown instanceof ServiceError) return undefined;
    throw thrown;
  }
}
