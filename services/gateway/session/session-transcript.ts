import type { Clock } from "@troupe/timeline";
import type { SessionEvent } from "./session-event.ts";

/** One thing that was said. */
export interface TranscriptEntry {
  readonly role: "person" | "avatar";
  /** Number of the utterance, or of the response. */
  readonly number: number;
  readonly text: string;
  /** BCP-47; empty: unknown. */
  readonly language: string;
  /** Since the session began, in milliseconds. */
  readonly atMs: number;
  /** Whether the avatar said all of it. */
  readonly complete: boolean;
}

/** What was said before, at another gateway. */
export interface EarlierTranscript {
  readonly entries: readonly TranscriptEntry[];
  /** Entries before these that are not kept any more. */
  readonly dropped: number;
}

const maxEntries = 2000;

/** What was said in a session, oldest first; of a response, what the person heard. The oldest entries of a very long one are dropped. */
export class SessionTranscript {
  readonly #entries: TranscriptEntry[];
  readonly #clock: Clock;
  readonly #startMs: number;
  #dropped: number;

  /** @param startMs of the session, on the clock; before the clock's own start where another gateway opened it */
  constructor(clock: Clock, startMs: number = clock.nowMs(), earlier: EarlierTranscript = { entries: [], dropped: 0 }) {
    this.#clock = clock;
    this.#startMs = startMs;
    this.#entries = [...earlier.entries];
    this.#dropped = earlier.dropped;
  }

  get entries(): readonly TranscriptEntry[] {
    return this.#entries;
  }

  /** Entries before these that are not kept any more. */
  get dropped(): number {
    return this.#dropped;
  }

  event(event: SessionEvent): void {
    const atMs = Math.round(this.#clock.nowMs() - this.#startMs);
    switch (event.case) {
      case "utteranceTranscribed": {
        const { interim, utterance: number, transcript } = event.value;
        if (interim || !transcript?.text) return;
        return this.#add({ role: "person", number, text: transcript.text, language: transcript.language, atMs, complete: true });
      }
      case "responseDone": {
        const { response: number, heardText: text, complete } = event.value;
        if (text !== "") this.#add({ role: "avatar", number, text, language: "", atMs, complete });
        return;
      }
      case "responseHeard":
        return this.#heard(event.value.response, event.value.text);
    }
  }

  #add(entry: TranscriptEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length <= maxEntries) return;
    this.#entries.shift();
    this.#dropped++;
  }

  #heard(number: number, text: string): void {
    const index = this.#entries.findLastIndex((entry) => entry.role === "avatar" && entry.number === number);
    const entry = this.#entries[index];
    if (entry) this.#entries[index] = { ...entry, text, complete: false };
  }
}
