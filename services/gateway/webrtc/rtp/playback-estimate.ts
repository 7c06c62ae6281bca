import { create } from "@bufbuild/protobuf";
import { type Playback, PlaybackSchema } from "@troupe/contracts";
import type { SoundReport } from "./receiver-feedback.ts";

/** A report older than this says nothing of what arrives now; browsers send one in 5 s. */
const basisMs = 12_000;
/** What players hold back at least against jitter. */
const leastHeldMs = 100;
/** Of the interarrival jitter, held back by adaptive players. */
const jitters = 4;

/**
 * Where a player that tells nothing is in the sound: what was sent last, less the way there and what is held back against jitter.
 * Known only while the peer's receiver reports show that sound arrives.
 */
export class PlaybackEstimate {
  #report: SoundReport | undefined;
  #reportMs = Number.NEGATIVE_INFINITY;
  #toldUs = 0;

  heard(report: SoundReport, nowMs: number): void {
    this.#report = report;
    this.#reportMs = nowMs;
  }

  /** @param newestUs end of the newest sound that was sent. @returns undefined where nothing is known, or nothing has moved */
  at(newestUs: number, nowMs: number): Playback | undefined {
    if (!this.#report || nowMs - this.#reportMs > basisMs || this.#report.lossFraction > 0.5) return undefined;
    const { rttMs = 0, jitterMs } = this.#report;
    const behindUs = Math.round((rttMs / 2 + Math.max(leastHeldMs, jitters * jitterMs)) * 1000);
    const positionUs = Math.max(0, newestUs - behindUs);
    if (positionUs <= this.#toldUs) return undefined;
    this.#toldUs = positionUs;
    return create(PlaybackSchema, { positionUs: BigInt(positionUs), bufferedUs: behindUs });
  }
}
