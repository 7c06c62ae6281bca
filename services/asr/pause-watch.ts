import type { SpeechWindow, VadStream } from "@troupe/vad";

/** Silence after speech that makes it worth while to recognise what was said. Less than the gateway lets through after the last voice. */
const pauseUs = 96_000;
/** Less likely than this: silence; see defaultEndpointPolicy. */
const offsetProbability = 0.35;

export interface PauseEvents {
  /** A pause has become long enough. */
  pause(): void;
  /** A voice goes on after it, or may. */
  resumed(): void;
}

/** Tells when the speaker of one utterance pauses. */
export class PauseWatch {
  readonly #stream: VadStream;
  readonly #events: PauseEvents;
  #silenceUs = 0;
  #voiced = false;
  #pausing = false;
  #last: Promise<void> = Promise.resolve();

  constructor(stream: VadStream, events: PauseEvents) {
    this.#stream = stream;
    this.#events = events;
  }

  /** Whether a voice was heard and is not heard now: a pause may have begun. */
  get silent(): boolean {
    return this.#voiced && this.#silenceUs > 0;
  }

  /** @param samples 16 kHz, in order */
  push(samples: Float32Array): void {
    const windows = this.#stream.push(samples).catch(() => undefined);
    this.#last = this.#last.then(async () => {
      const heard = await windows;
      if (!heard) return this.#miss();
      for (const window of heard) this.#hear(window);
    });
  }

  /** Resolves when all that was pushed has been heard. */
  settled(): Promise<void> {
    return this.#last;
  }

  close(): void {
    this.#stream.close();
  }

  /** A busy machine misses sound that may hold a voice: what was begun in a pause is no longer certain to be all. */
  #miss(): void {
    if (this.#pausing) this.#events.resumed();
    this.#silenceUs = 0;
    this.#pausing = false;
  }

  #hear(window: SpeechWindow): void {
    const voice = window.probability >= offsetProbability;
    this.#silenceUs = voice ? 0 : this.#silenceUs + window.durationUs;
    this.#voiced ||= voice;
    if (voice && this.#pausing) this.#events.resumed();
    const pausing = this.#voiced && this.#silenceUs >= pauseUs;
    if (pausing && !this.#pausing) this.#events.pause();
    this.#pausing = pausing;
  }
}
