import type { ResponseTrack } from "./response-track.ts";

/** At a word that is said again, so that it does not click. */
const fadeInMs = 10;
/** Of sound that is held or cancelled, at most; a shorter tick's own length before that. */
const fadeOutMs = 40;

/** One response while it is presented: how far it is, and how its sound stops and goes on. Positions are samples of the response. */
export class Playback {
  readonly track: ResponseTrack;
  /** Next sample to present. */
  cursor = 0;
  /** Furthest sample presented. */
  presented = 0;
  started = false;
  /** Its sound ran out before its end; some must be there before it goes on. */
  rebuffering = false;
  /** How long it has waited for its first motion, in samples. */
  waited = 0;
  fallbackFrames = 0;
  /** Where the owner last said that the person had heard it, on the session scale. */
  heardUs = 0;
  /** Where it stopped, while it is held. */
  #heldAt: number | undefined;
  #fadeIn = false;

  constructor(track: ResponseTrack) {
    this.track = track;
  }

  get held(): boolean {
    return this.#heldAt !== undefined;
  }

  /** Its sound goes down to nothing within this tick. */
  fadeOut(samples: Int16Array): number {
    const length = Math.min(samples.length, Math.round((this.track.sampleRateHz * fadeOutMs) / 1000));
    const fading = samples.subarray(0, length);
    const count = this.started ? this.track.read(this.cursor, fading) : 0;
    for (let index = 0; index < length; index++) fading[index] = (fading[index] as number) * (1 - index / length);
    this.#advance(count);
    return count;
  }

  hold(samples: Int16Array): number {
    this.#heldAt = this.cursor;
    return this.fadeOut(samples);
  }

  /**
   * Goes on with the whole word it stopped in, or in which the person heard the last of it, where that is earlier. Between words, what
   * had faded is said again. A pause in which it stopped is over: who was interrupted has made one already.
   */
  resume(heardAt: number | undefined): void {
    const stoppedAt = this.#heldAt ?? (heardAt === undefined ? undefined : this.cursor);
    if (stoppedAt === undefined) return;
    this.cursor = this.track.nextSound(this.track.wordStart(Math.min(stoppedAt, heardAt ?? stoppedAt)));
    this.#fadeIn = this.cursor < this.presented;
    this.#heldAt = undefined;
  }

  speak(samples: Int16Array): number {
    const count = this.track.read(this.cursor, samples);
    if (this.#fadeIn && count > 0) {
      const length = Math.min(count, (this.track.sampleRateHz * fadeInMs) / 1000);
      for (let index = 0; index < length; index++) samples[index] = ((samples[index] as number) * index) / length;
      this.#fadeIn = false;
    }
    this.#advance(count);
    return count;
  }

  #advance(count: number): void {
    this.cursor += count;
    this.presented = Math.max(this.presented, this.cursor);
  }
}
