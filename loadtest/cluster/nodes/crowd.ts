import { Track } from "@troupe/contracts";
import { quantile } from "@troupe/report";
import { linesOf, speakLines } from "../../live/material/spoken-material.ts";
import { latenessMs } from "../../live/protocol/unit-log.ts";
import { tenths } from "../figures-file.ts";
import { seededRandom } from "../rig/random.ts";
import { type ClientLog, type Judgement, judge } from "./judge.ts";
import { Person } from "./person.ts";
import type { RealCluster } from "./real-cluster.ts";

const questions = ["Are there lockers?", "Where is the coffee shop?", "Do you take cash?", "What days are you closed?"];
/** A unit so much later than the earliest of its session would have found the client's buffer empty. */
const lateMs = 200;
const lastTurnMs = 45_000;
const lookMs = 100;

export interface CrowdOptions {
  readonly people: number;
  /** Of them, those who see pictures; the others only hear. Default: all. */
  readonly watching?: number;
  /** Pixels of each square picture. */
  readonly size: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
}

export interface Experience extends Omit<Judgement, "gapsMs"> {
  readonly tookMs: number;
  readonly sessions: number;
  readonly gapMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** People who talk, each in a session of its own; somebody can leave and somebody come. */
export class Crowd implements AsyncDisposable {
  readonly #people: Person[] = [];
  /** Of those who have left. */
  readonly #left: ClientLog[] = [];
  readonly #cluster: Pick<RealCluster, "url" | "apiKey">;
  readonly #options: CrowdOptions;
  readonly #questions: readonly Float32Array[];
  readonly #random: () => number;

  private constructor(cluster: RealCluster, options: CrowdOptions, spoken: readonly Float32Array[]) {
    this.#cluster = cluster;
    this.#options = options;
    this.#questions = spoken;
    this.#random = seededRandom(options.seed);
  }

  static async gather(cluster: RealCluster, options: CrowdOptions): Promise<Crowd> {
    const lines = await speakLines(linesOf(questions, "en"));
    const crowd = new Crowd(
      cluster,
      options,
      lines.map(({ samples }) => samples),
    );
    try {
      for (let n = 0; n < options.people; n++) await crowd.comes();
      return crowd;
    } catch (thrown) {
      await crowd[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  get people(): readonly Person[] {
    return this.#people;
  }

  /** @throws ServiceError when the session is refused */
  async comes(): Promise<void> {
    const { url, apiKey } = this.#cluster;
    const { size, signal, watching = Number.POSITIVE_INFINITY } = this.#options;
    const seen = this.#people.length < watching ? size : 0;
    const n = Math.floor(this.#random() * this.#questions.length);
    const inTurn = [...this.#questions.slice(n), ...this.#questions.slice(0, n)];
    this.#people.push(await Person.arrive({ url, apiKey, language: "en", size: seen, signal, questions: inTurn, random: this.#random }));
  }

  /** Who has been there longest goes. */
  async leaves(): Promise<void> {
    const person = this.#people.shift();
    if (!person) return;
    await person[Symbol.asyncDispose]();
    this.#left.push(person.log);
  }

  /** What they experience while something happens, up to the end of every answer that was owed then. */
  async during(happens: () => Promise<void>): Promise<Experience> {
    const fromMs = performance.now();
    const sessions = this.#people.length;
    await happens();
    const toMs = performance.now();
    const isOver = ({ lastOverMs }: Person) => lastOverMs > toMs;
    while (performance.now() < toMs + lastTurnMs && !this.#people.every(isOver)) {
      this.#options.signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    const logs = [...this.#left, ...this.#people.map(({ log }) => log)];
    for (const { told } of logs.flatMap(({ turns }) => turns.filter(({ overMs }) => overMs > fromMs)))
      if (told) this.#options.step(`a turn was lost:\n  ${told.join("\n  ")}`);
    const { gapsMs, ...judgement } = judge(logs, fromMs, toMs);
    const at = (share: number) => (gapsMs.length === 0 ? 0 : tenths(quantile(gapsMs, share)));
    return {
      ...judgement,
      sessions,
      tookMs: Math.round(toMs - fromMs),
      gapMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#people.map((person) => person[Symbol.asyncDispose]()));
  }

  /** Units of picture and sound that came in time, percent; for spans in which no presenter moves, since the next one sets times anew. */
  onTimePercent(fromMs: number, toMs: number): number {
    const late = this.#people.flatMap(({ client: { units } }) =>
      [Track.AUDIO, Track.VIDEO].flatMap((track) => [...latenessMs(units.of(track, fromMs, toMs))]),
    );
    return late.length === 0 ? 0 : tenths((100 * late.filter((ms) => ms <= lateMs).length) / late.length);
  }
}
