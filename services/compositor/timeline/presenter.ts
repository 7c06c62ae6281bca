import type { StateView } from "@troupe/session";
import { Pieces } from "./pieces.ts";
import { Playback } from "./playback.ts";
import { type Motion, ResponseTrack } from "./response-track.ts";

export type PresenterEvent =
  | { readonly kind: "started"; readonly response: number; readonly sessionSample: number; readonly track: ResponseTrack }
  | { readonly kind: "position"; readonly response: number; readonly responseSample: number; readonly sessionSample: number }
  | {
      readonly kind: "finished";
      readonly response: number;
      readonly track: ResponseTrack;
      readonly presentedSamples: number;
      readonly complete: boolean;
      readonly failure: unknown;
      readonly fallbackFrames: number;
      readonly presentedText: string;
      readonly sessionSample: number;
    };

/** One frame's time: its sound and what the face does in it. */
export interface Tick {
  /** Position of the first sample on the session scale. */
  readonly sessionSample: number;
  readonly samples: Int16Array;
  /** Motion of the response that speaks; undefined when none does or its motion has not come. */
  readonly motion: Motion | undefined;
  /** 0..1 loudness of the tick's own sound, for a mouth without motion. */
  readonly envelope: number;
  readonly speaking: boolean;
  readonly caption: string;
  readonly events: readonly PresenterEvent[];
}

export interface PresenterOptions {
  readonly framesPerSecond: number;
  readonly sampleRateHz: number;
  readonly state: StateView;
  readonly startSample: number;
  /** Lowest response that is presented here. */
  readonly fromResponse: number;
  /** Live: sound waits this long for the first motion. Unpaced: it waits for all of it. */
  readonly motionWaitTicks: number;
  /** No response begins before so many ticks. Default 0. */
  readonly leadTicks?: number;
}

/** Position events are this many ticks apart. */
const positionInterval = 3;
/** After an underrun, this much sound must be there before it goes on. */
const rebufferTicks = 3;

/** Maps responses onto the session's time, one tick (one video frame) after the other. No clock, no input or output. */
export class Presenter {
  readonly pieces = new Pieces();
  readonly #options: PresenterOptions;
  readonly #tracks = new Map<number, ResponseTrack>();
  readonly #over = new Set<number>();
  /** Lowest response that is not over. */
  #next: number;
  #current: Playback | undefined;
  #ticks = 0;

  constructor(options: PresenterOptions) {
    this.#options = options;
    this.#next = options.fromResponse;
  }

  /** The track of a response, made on first use; a detached one for a response that is over. */
  track(number: number): ResponseTrack {
    const track = this.#tracks.get(number) ?? new ResponseTrack(number, this.#options.sampleRateHz);
    if (!this.#over.has(number) && number >= this.#next) this.#tracks.set(number, track);
    return track;
  }

  /** Whether anything is being presented or could be later. */
  get owes(): boolean {
    return this.#current !== undefined || this.#tracks.keys().some((number) => !this.#options.state.isCancelled(number));
  }

  /** Whether the next tick would lose nothing by being made now: its sound and motion are there, or will never come. */
  get complete(): boolean {
    const { state } = this.#options;
    const current = this.#current ?? this.#peek();
    if (!current || state.isHeld(current.track.number)) return false;
    const { track } = current;
    if (state.isCancelled(track.number)) return true;
    const soundThere = track.length >= current.cursor + this.#tickLength || track.speechEnded;
    return soundThere && (track.motionEnd !== "open" || this.#motionOf(current) !== undefined || current.cursor >= track.length);
  }

  tick(): Tick {
    const sessionSample = this.#sessionSample;
    const samples = new Int16Array(this.#tickLength);
    const events: PresenterEvent[] = [];
    // A response that fades out because it was cancelled has this tick to itself.
    if (!this.#dropCancelled(samples, events)) this.#current ??= this.#peek();
    const current = this.#current;
    const { motion, spoken } = current ? this.#present(current, samples, events) : { motion: undefined, spoken: 0 };
    const caption = current?.started ? current.track.clauseAt(Math.max(0, current.cursor - spoken)) : "";
    this.#ticks++;
    if (current && !current.held && current.track.speechEnded && current.cursor >= current.track.length)
      this.#leave(current, current.track.failure === undefined, this.#sessionSample, events);
    return { sessionSample, samples, motion, envelope: envelopeOf(samples), speaking: spoken > 0, caption, events };
  }

  get #sessionSample(): number {
    return this.#startOf(this.#ticks);
  }

  /** Ticks differ by a sample where the sample rate is no multiple of the frame rate. */
  get #tickLength(): number {
    return this.#startOf(this.#ticks + 1) - this.#sessionSample;
  }

  #startOf(tick: number): number {
    const { startSample, sampleRateHz, framesPerSecond } = this.#options;
    return startSample + Math.round((tick * sampleRateHz) / framesPerSecond);
  }

  #present(current: Playback, samples: Int16Array, events: PresenterEvent[]): { motion: Motion | undefined; spoken: number } {
    const held = this.#options.state.isHeld(current.track.number);
    if (!held) current.resume();
    else if (current.held) return { motion: undefined, spoken: 0 };
    const motion = this.#motionOf(current);
    const start = current.cursor;
    const spoken = held ? current.hold(samples) : this.#speak(current, samples, events);
    if (spoken === 0) return { motion: undefined, spoken };
    this.pieces.add(current.track.number, start, this.#sessionSample, spoken);
    if (!motion && current.track.motionEnd !== "complete") current.fallbackFrames++;
    return { motion, spoken };
  }

  #speak(current: Playback, samples: Int16Array, events: PresenterEvent[]): number {
    const { track } = current;
    const wanted = current.rebuffering ? samples.length * rebufferTicks : samples.length;
    if (track.length - current.cursor < wanted && !track.speechEnded) {
      current.rebuffering = current.started;
      return 0;
    }
    const motionless = track.motionEnd === "open" && track.motionFrames === 0;
    if (!current.started && motionless && current.waitedTicks++ < this.#options.motionWaitTicks) return 0;
    current.rebuffering = false;
    const count = current.speak(samples);
    if (count === 0) return 0;
    const { number: response } = track;
    if (!current.started) events.push({ kind: "started", response, sessionSample: this.#sessionSample, track });
    current.started = true;
    if (this.#ticks % positionInterval === 0)
      events.push({ kind: "position", response, responseSample: current.cursor, sessionSample: this.#startOf(this.#ticks + 1) });
    return count;
  }

  /** What the face does in the middle of the next tick's sound. */
  #motionOf({ track, cursor }: Playback): Motion | undefined {
    return track.motionAt(Math.min(cursor + this.#tickLength / 2, Math.max(0, track.length - 1)));
  }

  /** @returns whether the tick's sound is taken */
  #dropCancelled(samples: Int16Array, events: PresenterEvent[]): boolean {
    const { state } = this.#options;
    const current = this.#current;
    let faded = 0;
    if (current && state.isCancelled(current.track.number)) {
      const start = current.cursor;
      if (!current.held) faded = current.fadeOut(samples);
      if (faded > 0) this.pieces.add(current.track.number, start, this.#sessionSample, faded);
      this.#leave(current, false, this.#startOf(this.#ticks + 1), events);
    }
    for (const number of this.#tracks.keys()) if (state.isCancelled(number)) this.#forget(number);
    return faded > 0;
  }

  #leave(current: Playback, complete: boolean, sessionSample: number, events: PresenterEvent[]): void {
    const { track, presented, fallbackFrames } = current;
    events.push({
      kind: "finished",
      response: track.number,
      track,
      presentedSamples: presented,
      complete,
      failure: track.failure,
      fallbackFrames,
      presentedText: track.textUpTo(presented, complete),
      sessionSample,
    });
    this.#forget(track.number);
    this.#current = undefined;
  }

  #forget(number: number): void {
    this.#tracks.delete(number);
    this.#over.add(number);
    if (this.#over.size > 256) this.#over.delete(this.#over.values().next().value as number);
  }

  /** Responses follow each other by number, whatever came first. */
  #peek(): Playback | undefined {
    const { state, leadTicks = 0 } = this.#options;
    if (this.#ticks < leadTicks) return undefined;
    const over = (number: number) => this.#over.has(number) || state.isCancelled(number);
    while (this.#next <= state.lastResponse && over(this.#next)) this.#next++;
    let number = this.#next;
    while (number <= state.lastResponse && (over(number) || !state.isCommitted(number))) number++;
    const track = this.#tracks.get(number);
    return track && state.isCommitted(number) ? new Playback(track) : undefined;
  }
}

function envelopeOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.min(1, Math.sqrt(sum / samples.length) / 6000);
}
