/** What a client says between its event and its words: `input_audio_buffer.append`. */
export interface SoundEvent {
  readonly type: string;
  /** PCM16 at 24 kHz, mono, in base64. */
  readonly audio?: unknown;
}

const millisecondsPerCharacter = 3 / 4 / 48;

/**
 * What a person says while the connection is away, for the moment when it stands again: the newest of it, so that nobody is answered
 * who has long given up.
 */
export class KeptSound<Event extends SoundEvent> {
  readonly #longestMs: number;
  #events: Event[] = [];
  #ms = 0;

  constructor(longestMs = 3000) {
    this.#longestMs = longestMs;
  }

  keep(event: Event): void {
    this.#events.push(event);
    this.#ms += lengthMs(event);
    while (this.#ms > this.#longestMs) this.#ms -= lengthMs(this.#events.shift() as Event);
  }

  /** Oldest first. */
  take(): readonly Event[] {
    const events = this.#events;
    this.#events = [];
    this.#ms = 0;
    return events;
  }
}

const lengthMs = ({ audio }: SoundEvent): number => String(audio).length * millisecondsPerCharacter;
