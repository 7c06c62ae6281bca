import { Track } from "@troupe/contracts";
import { audibleDb } from "../../live/protocol/marks.ts";
import { ProtocolClient, type ProtocolClientOptions } from "../../live/protocol/protocol-client.ts";
import type { ClientLog, Turn } from "./judge.ts";

/** Who has heard no whole answer for so long asks something else. */
const patienceMs = 20_000;
const lookMs = 50;
const leastPauseMs = 400;
const pauseSpreadMs = 1200;
/** At most, of the longest question. */
const questionMs = 3000;
const toldCharacters = 200;

export interface PersonOptions extends ProtocolClientOptions {
  /** 24 kHz mono, one for each question, in turn. */
  readonly questions: readonly Float32Array[];
  readonly random: () => number;
}

/** Somebody who asks one question aloud after the other and listens to the answers, whatever happens. */
export class Person implements AsyncDisposable {
  readonly client: ProtocolClient;
  readonly #turns: Turn[] = [];
  readonly #leaving = new AbortController();
  readonly #talk: Promise<void>;

  private constructor(client: ProtocolClient, options: PersonOptions) {
    this.client = client;
    this.#talk = this.#converse(options);
  }

  /** @throws ServiceError PEER_UNAVAILABLE when the session is refused */
  static async arrive(options: PersonOptions): Promise<Person> {
    return new Person(await ProtocolClient.connect(options), options);
  }

  /** When the answer to the last question was over; 0: none was asked. */
  get lastOverMs(): number {
    return this.#turns.at(-1)?.overMs ?? 0;
  }

  /** When stages of the session were said to have moved. */
  get movedMs(): readonly number[] {
    return this.client.events.filter(({ type }) => type === "troupe.moved").map(({ nowMs }) => nowMs);
  }

  get log(): ClientLog {
    const { units, events } = this.client;
    return {
      turns: [...this.#turns],
      audibleMs: units
        .of(Track.AUDIO)
        .filter(({ levelDb }) => levelDb >= audibleDb)
        .map(({ nowMs }) => nowMs),
      movedMs: this.movedMs,
      delayedMs: events.filter(({ type, ...event }) => type === "troupe.notice" && event["kind"] === "delay").map(({ nowMs }) => nowMs),
    };
  }

  /** Ends the session, and the question that is being asked or answered with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
    await this.#talk;
    await this.client[Symbol.asyncDispose]();
  }

  async #converse({ questions, random }: PersonOptions): Promise<void> {
    await this.#pause(random() * patienceMs * 0.3);
    for (let n = 0; !this.#leaving.signal.aborted; n++) {
      this.client.speak(questions[n % questions.length] as Float32Array);
      await this.#until(() => !this.client.speaking, Number.POSITIVE_INFINITY);
      const endMs = performance.now();
      await this.#until(() => this.#answered(endMs), patienceMs);
      if (this.#leaving.signal.aborted) return;
      const answered = this.#answered(endMs);
      this.#turns.push({ endMs, overMs: performance.now(), answered, ...(answered ? {} : { told: this.#told(endMs) }) });
      await this.#pause(leastPauseMs + random() * pauseSpreadMs);
    }
  }

  /** Whether an answer was presented to its end since. */
  #answered(sinceMs: number): boolean {
    const whole = this.client.events.findLast(
      ({ type, ...event }) => type === "troupe.response" && event["state"] === "done" && event["complete"] === true,
    );
    return (
      whole !== undefined && whole.nowMs > sinceMs && this.client.units.of(Track.AUDIO, sinceMs).some(({ levelDb }) => levelDb >= audibleDb)
    );
  }

  /** From when the question was begun. */
  #told(endMs: number): readonly string[] {
    return this.client.events
      .filter(({ nowMs }) => nowMs > endMs - questionMs)
      .map(
        ({ nowMs, type, event_id: _, ...event }) =>
          `${Math.round(nowMs - endMs)} ${type} ${JSON.stringify(event).slice(0, toldCharacters)}`,
      );
  }

  async #until(condition: () => boolean, limitMs: number): Promise<void> {
    const startMs = performance.now();
    while (!condition() && performance.now() - startMs < limitMs && !this.#leaving.signal.aborted) await this.#pause(lookMs);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#leaving.signal.aborted ? 0 : ms));
  }
}
