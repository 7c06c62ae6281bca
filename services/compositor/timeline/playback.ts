import type { ResponseTrack } from "./response-track.ts";

/** At a word that is said again, so that it does not click. */
const fadeInMs = 10;

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
  waitedTicks = 0;
  fallbackFrames = 0;
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
    const count = this.started ? this.track.read(this.cursor, samples) : 0;
    for (let index = 0; index < samples.length; index++) samples[index] = (samples[index] as number) * (1 - index / samples.length);
    this.#advance(count);
    return count;
  }

  hold(samples: Int16Array): number {
    this.#heldAt = this.cursor;
    return this.fadeOut(samples);
  }

  /** Goes on with the whole word it stopped in. Between words, what had faded is said again. */
  resume(): void {
    if (this.#heldAt === undefined) return;
    this.cursor = this.track.wordStart(this.#heldAt);
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
