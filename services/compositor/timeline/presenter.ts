import type { StateView } from "@troupe/session";
import { Pieces } from "./pieces.ts";
import { Playback } from "./playback.ts";
import { type Motion, ResponseTrack } from "./response-track.ts";
import type { PresentedWord, PresenterEvent, Tick } from "./tick.ts";
import { TickScale } from "./tick-scale.ts";

export interface PresenterOptions {
  readonly framesPerSecond: number;
  readonly sampleRateHz: number;
  readonly state: StateView;
  readonly startSample: number;
  /** Lowest response that is presented here. */
  readonly fromResponse: number;
  /** Live: sound waits this long for the first motion. Unpaced: it waits for all of it. */
  readonly motionWaitMs: number;
  /** No response begins before so much time. Default 0. */
  readonly leadMs?: number;
}

/** Position events are this many ticks apart. */
const positionInterval = 3;
/** After an underrun, this much sound must be there before it goes on. */
const rebufferTicks = 3;

/** Maps responses onto the session's time, one tick (one video frame) after the other. No clock, no input or output. */
export class Presenter {
  readonly pieces = new Pieces();
  readonly #options: PresenterOptions;
  readonly #scale: TickScale;
  readonly #tracks = new Map<number, ResponseTrack>();
  readonly #over = new Set<number>();
  /** Lowest response that is not over. */
  #next: number;
  #current: Playback | undefined;
  #ticks = 0;
  #stopped = false;
  #caption = { response: 0, text: "" };

  constructor(options: PresenterOptions) {
    this.#options = options;
    this.#scale = new TickScale(options);
    this.#next = options.fromResponse;
  }

  /** The track of a response, made on first use; a detached one for a response that is over. */
  track(number: number): ResponseTrack {
    const track = this.#tracks.get(number) ?? new ResponseTrack(number, this.#options.sampleRateHz);
    if (!this.#over.has(number) && number >= this.#next) this.#tracks.set(number, track);
    return track;
  }

  /** First sample of the next tick, on the session scale. */
  get sample(): number {
    return this.#scale.sample;
  }

  /** Whether it is too early for any response. */
  get isLeadIn(): boolean {
    const { startSample, leadMs = 0 } = this.#options;
    return this.#scale.sample < startSample + this.#samples(leadMs);
  }

  /** Ticks have another length from the next one on; the sound goes on without a gap. */
  setFrameRate(framesPerSecond: number): void {
    this.#scale.setFrameRate(framesPerSecond);
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
    const soundThere = track.length >= current.cursor + this.#scale.length || track.speechEnded;
    return soundThere && (track.motionEnd !== "open" || this.#motionOf(current) !== undefined || current.cursor >= track.length);
  }

  tick(): Tick {
    const { sample: sessionSample, length } = this.#scale;
    const samples = new Int16Array(length);
    const events: PresenterEvent[] = [];
    // A response that fades out because it was cancelled has this tick to itself.
    if (!this.#dropCancelled(samples, events)) this.#current ??= this.#peek();
    const current = this.#current;
    const { motion, spoken } = current ? this.#present(current, samples, events) : { motion: undefined, spoken: 0 };
    if (spoken > 0 || current?.held) this.#stopped = current?.held ?? false;
    const caption = current?.started ? current.track.clauseAt(Math.max(0, current.cursor - spoken)) : "";
    this.#announce(caption === "" ? 0 : (current?.track.number ?? 0), caption, events);
    this.#ticks++;
    this.#scale.advance();
    if (current && !current.held && current.track.speechEnded && current.cursor >= current.track.length)
      this.#leave(current, current.track.failure === undefined, this.#scale.sample, events);
    return { sessionSample, samples, motion, envelope: envelopeOf(samples), speaking: spoken > 0, stopped: this.#stopped, caption, events };
  }

  #announce(response: number, text: string, events: PresenterEvent[]): void {
    if (this.#caption.response === response && this.#caption.text === text) return;
    this.#caption = { response, text };
    events.push({ kind: "caption", response, text, sessionSample: this.#scale.sample });
  }

  #present(current: Playback, samples: Int16Array, events: PresenterEvent[]): { motion: Motion | undefined; spoken: number } {
    const held = this.#options.state.isHeld(current.track.number);
    if (!held) this.#goOn(current);
    else if (current.held) return { motion: undefined, spoken: 0 };
    const motion = this.#motionOf(current);
    const start = current.cursor;
    const spoken = held ? current.hold(samples) : this.#speak(current, samples, events);
    if (spoken === 0) return { motion: undefined, spoken };
    this.pieces.add(current.track.number, start, this.#scale.sample, spoken);
    if (!motion && current.track.motionEnd !== "complete") current.fallbackFrames++;
    return { motion, spoken };
  }

  /** Released, also when the hold itself was over before this tick: the person's side had already fallen silent. */
  #goOn(current: Playback): void {
    const { number } = current.track;
    const heardUs = this.#options.state.heardUs(number);
    const isNews = heardUs > 0 && heardUs !== current.heardUs;
    current.heardUs = heardUs;
    const heardSample = Math.round((heardUs / 1e6) * this.#options.sampleRateHz);
    current.resume(isNews ? this.pieces.reached(number, heardSample) : undefined);
  }

  #speak(current: Playback, samples: Int16Array, events: PresenterEvent[]): number {
    const { track } = current;
    const wanted = current.rebuffering ? samples.length * rebufferTicks : samples.length;
    if (track.length - current.cursor < wanted && !track.speechEnded) {
      current.rebuffering = current.started;
      return 0;
    }
    const motionless = track.motionEnd === "open" && track.motionFrames === 0;
    if (!current.started && motionless && current.waited < this.#samples(this.#options.motionWaitMs)) {
      current.waited += samples.length;
      return 0;
    }
    current.rebuffering = false;
    const count = current.speak(samples);
    if (count === 0) return 0;
    const { number: response } = track;
    if (!current.started) events.push({ kind: "started", response, sessionSample: this.#scale.sample, track });
    current.started = true;
    if (this.#ticks % positionInterval === 0)
      events.push({ kind: "position", response, responseSample: current.cursor, sessionSample: this.#scale.end });
    return count;
  }

  /** What the face does in the middle of the next tick's sound. */
  #motionOf({ track, cursor }: Playback): Motion | undefined {
    return track.motionAt(Math.min(cursor + this.#scale.length / 2, Math.max(0, track.length - 1)));
  }

  /** @returns whether the tick's sound is taken */
  #dropCancelled(samples: Int16Array, events: PresenterEvent[]): boolean {
    const { state } = this.#options;
    const current = this.#current;
    let faded = 0;
    if (current && state.isCancelled(current.track.number)) {
      const start = current.cursor;
      if (!current.held) faded = current.fadeOut(samples);
      this.#stopped = true;
      if (faded > 0) this.pieces.add(current.track.number, start, this.#scale.sample, faded);
      this.#leave(current, false, this.#scale.end, events);
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
      words: this.#wordsOf(current, complete),
      sessionSample,
    });
    this.#forget(track.number);
    this.pieces.over();
    this.#current = undefined;
  }

  #wordsOf({ track, presented }: Playback, complete: boolean): readonly PresentedWord[] {
    return track.wordsUpTo(presented, complete).flatMap(({ text, end }) => {
      const sessionEnd = this.pieces.sessionEnd(track.number, end);
      return sessionEnd === undefined ? [] : [{ text, sessionEnd, responseEnd: end }];
    });
  }

  #samples(ms: number): number {
    return (ms / 1000) * this.#options.sampleRateHz;
  }

  #forget(number: number): void {
    this.#tracks.delete(number);
    this.#over.add(number);
    if (this.#over.size > 256) this.#over.delete(this.#over.values().next().value as number);
  }

  /** Responses follow each other by number, whatever came first. */
  #peek(): Playback | undefined {
    const { state } = this.#options;
    if (this.isLeadIn) return undefined;
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
