import { type AvPacket, Track } from "@troupe/contracts";

export interface PictureGateDeps {
  /** Whether the reader is behind: too much waits for it. */
  readonly behind: () => boolean;
  /** Decoding can go on at the next keyframe. */
  readonly requestKeyframe: () => void;
  /** Pictures are left out. */
  readonly onBehind: () => void;
}

/**
 * What a client that reads slowly is not sent: pictures up to the next keyframe after it caught up, and motion while it is behind.
 * Sound is never left out.
 */
export class PictureGate {
  readonly #deps: PictureGateDeps;
  #skipping = false;
  #asked = false;

  constructor(deps: PictureGateDeps) {
    this.#deps = deps;
  }

  /** Whether a packet is left out, so that the client catches up. */
  leavesOut({ body }: AvPacket): boolean {
    if (body.case !== "unit" || body.value.track === Track.AUDIO) return false;
    const { behind, requestKeyframe, onBehind } = this.#deps;
    const slow = behind();
    if (slow) onBehind();
    if (body.value.track === Track.MOTION) return slow;
    if (slow) {
      this.#skipping = true;
      this.#asked = false;
    } else if (body.value.keyframe) this.#skipping = false;
    else if (this.#skipping && !this.#asked) {
      this.#asked = true;
      requestKeyframe();
    }
    return this.#skipping;
  }
}
