import type { StateView } from "@troupe/session";
import { Pieces } from "./pieces.ts";
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
}

interface Current {
  readonly track: ResponseTrack;
  /** Next sample to present. */
  cursor: number;
  /** Furthest sample presented. */
  presented: number;
  held: boolean;
  started: boolean;
  waitedTicks: number;
  fallbackFrames: number;
}

/** Position events are this many ticks apart. */
const positionInterval = 3;
/** After an underrun, this much sound must be there before it goes on. */
const rebufferTicks = 3;

/** Maps responses onto the session's time, one tick (one video frame) after the other. No clock, no input or output. */
export class Presenter {
  readonly samplesPerTick: number;
  readonly #options: PresenterOptions;
  readonly #tracks = new Map<number, ResponseTrack>();
  readonly #over = new Set<number>();
  readonly pieces = new Pieces();
  /** Lowest response that is not over. */
  #next: number;
  #current: Current | undefined;
  #sessionSample: number;
  #rebuffering = false;
  #ticks = 0;

  constructor(options: PresenterOptions) {
    this.#options = options;
    this.samplesPerTick = options.sampleRateHz / options.framesPerSecond;
    this.#sessionSample = options.startSample;
    this.#next = options.fromResponse;
  }

  get sessionSample(): number {
    return this.#sessionSample;
  }

  /** The track of a response, made on first use; a detached one for a response that is over. */
  track(number: number): ResponseTrack {
    const track = this.#tracks.get(number) ?? new ResponseTrack(number, this.#options.sampleRateHz);
    if (!this.#over.has(number) && number >= this.#next) this.#tracks.set(number, track);
    return track;
  }

  /** Whether anything is being presented or could be later. */
  get owes(): boolean {
    return this.#current !== undefined || this.#tracks.size > 0;
  }

  /** Whether the next tick would lose nothing by being made now: its sound and motion are there, or will never come. */
  get complete(): boolean {
    const current = this.#current ?? this.#peek();
    if (!current || this.#options.state.isHeld(current.track.number)) return false;
    if (this.#gone(current.track)) return true;
    const { track, cursor } = current;
    const end = cursor + this.samplesPerTick;
    const soundThere = track.length >= end || track.speechEnded;
    const motionThere = track.motionEnded || track.motionFrames > Math.ceil(Math.min(end, track.length) / this.samplesPerTick) - 1;
    return soundThere && motionThere;
  }

  tick(): Tick {
    const { state } = this.#options;
    const samples = new Int16Array(this.samplesPerTick);
    const events: PresenterEvent[] = [];
    const sessionSample = this.#sessionSample;
    this.#ticks++;
    this.#dropCancelled(samples, events);
    this.#current ??= this.#peek();
    const current = this.#current;
    let spoken = 0;
    let frame = 0;
    if (current) {
      frame = Math.round(current.cursor / this.samplesPerTick);
      const held = state.isHeld(current.track.number);
      if (held && !current.held) spoken = this.#fadeOut(current, samples);
      else if (!held && current.held) current.cursor = current.track.wordStart(current.cursor);
      current.held = held;
      if (!held) {
        frame = Math.round(current.cursor / this.samplesPerTick);
        spoken = this.#speak(current, samples, events);
      }
    }
    this.#sessionSample += this.samplesPerTick;
    const motion = spoken > 0 ? current?.track.motion(frame) : undefined;
    if (current && spoken > 0 && !motion && !current.track.motionEnded) current.fallbackFrames++;
    const caption = current?.started ? current.track.clauseAt(current.cursor) : "";
    this.#finish(current, events);
    return { sessionSample, samples, motion, envelope: envelopeOf(samples), speaking: spoken > 0, caption, events };
  }

  #speak(current: Current, samples: Int16Array, events: PresenterEvent[]): number {
    const { track } = current;
    const available = track.length - current.cursor;
    const wanted = this.#rebuffering ? this.samplesPerTick * rebufferTicks : this.samplesPerTick;
    if (available < wanted && !track.speechEnded) {
      if (current.started) this.#rebuffering = true;
      return 0;
    }
    if (!current.started && !track.motionEnded && track.motionFrames === 0 && current.waitedTicks++ < this.#options.motionWaitTicks)
      return 0;
    this.#rebuffering = false;
    const count = track.read(current.cursor, samples, 0);
    if (count === 0) return 0;
    if (!current.started) {
      current.started = true;
      events.push({ kind: "started", response: track.number, sessionSample: this.#sessionSample, track });
    }
    if (current.cursor < current.presented) fadeIn(samples, count);
    this.#advance(current, count);
    if (this.#ticks % positionInterval === 0)
      events.push({
        kind: "position",
        response: track.number,
        responseSample: current.cursor,
        sessionSample: this.#sessionSample + this.samplesPerTick,
      });
    return count;
  }

  /** The sound goes down to nothing within this tick; it counts as presented, and goes on from its word. */
  #fadeOut(current: Current, samples: Int16Array): number {
    const count = current.started ? current.track.read(current.cursor, samples, 0) : 0;
    for (let index = 0; index < samples.length; index++) samples[index] = (samples[index] as number) * (1 - index / samples.length);
    if (count > 0) this.#advance(current, count);
    return count;
  }

  #advance(current: Current, count: number): void {
    this.pieces.add(current.track.number, current.cursor, this.#sessionSample, count);
    current.cursor += count;
    current.presented = Math.max(current.presented, current.cursor);
  }

  #finish(current: Current | undefined, events: PresenterEvent[]): void {
    if (!current || current.held || current.cursor < current.track.length || !current.track.speechEnded) return;
    if (this.#current === current) this.#leave(current, current.track.failure === undefined, events);
  }

  #dropCancelled(samples: Int16Array, events: PresenterEvent[]): void {
    const current = this.#current;
    if (current && this.#options.state.isCancelled(current.track.number)) {
      if (!current.held) this.#fadeOut(current, samples);
      this.#leave(current, false, events);
    }
    for (const number of this.#tracks.keys())
      if (number !== this.#current?.track.number && this.#options.state.isCancelled(number)) this.#forget(number);
  }

  #leave(current: Current, complete: boolean, events: PresenterEvent[]): void {
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
      sessionSample: this.#sessionSample + this.samplesPerTick,
    });
    this.#forget(track.number);
    this.#current = undefined;
    this.#rebuffering = false;
  }

  #forget(number: number): void {
    this.#tracks.delete(number);
    this.#over.add(number);
    if (this.#over.size > 256) this.#over.delete(this.#over.values().next().value as number);
  }

  #gone(track: ResponseTrack): boolean {
    return this.#options.state.isCancelled(track.number);
  }

  /** Responses follow each other by number, whatever came first. */
  #peek(): Current | undefined {
    const { state } = this.#options;
    while (this.#next <= state.lastResponse && (this.#over.has(this.#next) || state.isCancelled(this.#next))) this.#next++;
    let number = this.#next;
    while (number <= state.lastResponse && (!state.isCommitted(number) || state.isCancelled(number) || this.#over.has(number))) number++;
    const track = this.#tracks.get(number);
    return track && state.isCommitted(number)
      ? { track, cursor: 0, presented: 0, held: false, started: false, waitedTicks: 0, fallbackFrames: 0 }
      : undefined;
  }
}

function envelopeOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.min(1, Math.sqrt(sum / samples.length) / 6000);
}

/** 10 ms at most, so that a word that is said again does not click. */
function fadeIn(samples: Int16Array, count: number): void {
  const length = Math.min(count, 240);
  for (let index = 0; index < length; index++) samples[index] = ((samples[index] as number) * index) / length;
}
