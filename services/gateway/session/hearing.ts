import { createResampler, floatToPcm16, pcm16ToBytes, type Resampler } from "@troupe/audio";
import type { Transcript } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import {
  type EndpointPolicy,
  type EndpointState,
  type EndpointStep,
  heardAll,
  initialEndpointState,
  mayBeComplete,
  reduceEndpoint,
  reduceGuess,
  type SpeechWindow,
  type Vad,
  type VadStream,
} from "@troupe/vad";

const rateHz = 16_000;
/** Sound kept from before the onset, so that no first consonant is lost: ten windows, so that those of recognition are the same and end no later. */
const prerollUs = 320_000;
/** Sound after the last voice that still goes to recognition. */
const postrollUs = 200_000;

/** Within a sentence pauses are mostly shorter: whatever the words seem to be, they may be all. */
const longPauseMs = 400;

/** A voice that is back for so long goes on; less may be a breath. */
const resumedUs = 64_000;

export interface HearingEvents {
  /** @param startUs where the voice began, in the sound received */
  onset(startUs: number): void;
  /** A pause has become long whose guess did not sound complete: it may be all the same. */
  lasting(guess: Transcript): void;
  /** A voice goes on after a pause whose guess may have been complete. */
  resumed(): void;
  /** @param speechEndUs where the last voice ended, in the sound received */
  end(speechEndUs: number): void;
  /** Sound of the utterance that is open, in order. */
  sound(ptsUs: number, pcm16: Uint8Array): void;
}

export interface HearingDeps {
  readonly vad: Vad;
  readonly policy: EndpointPolicy;
  readonly sampleRateHz: number;
  readonly events: HearingEvents;
}

/** How utterances are told apart. */
export interface HearingMode {
  /** The caller commits them; else voice activity tells. */
  readonly manual: boolean;
  /** Silence that ends one; 0: the policy's. */
  readonly silenceMs: number;
}

/** Listens to a person: finds where they begin and end, and passes on the sound of each utterance. Calls are handled in order. */
export class Hearing {
  readonly #deps: HearingDeps;
  #stream: VadStream;
  #policy: EndpointPolicy;
  #endpoint: EndpointState = initialEndpointState;
  #manual = false;
  #resampler: Resampler;
  #rateHz: number;
  #tail = new Float32Array(0);
  /** Position of the first sample of the tail. */
  #tailStartUs = 0;
  #receivedUs = 0;
  #utteranceStartUs: number | undefined;
  #sentUs = 0;
  /** Manual: samples that no commit or clear has followed yet. */
  #uncommitted = 0;
  /** How long a voice has been back since a guess that may be complete; undefined: there is none. */
  #backUs: number | undefined;
  /** What was heard up to this pause, where it did not sound complete. */
  #doubtful: Transcript | undefined;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(deps: HearingDeps, resampler: Resampler) {
    this.#deps = deps;
    this.#resampler = resampler;
    this.#rateHz = deps.sampleRateHz;
    this.#policy = deps.policy;
    this.#stream = deps.vad.open();
  }

  static async open(deps: HearingDeps): Promise<Hearing> {
    return new Hearing(deps, await createResampler({ fromHz: deps.sampleRateHz, toHz: rateHz }));
  }

  /**
   * @param samples mono, -1..1; ignored once closed
   * @param sampleRateHz of these samples; may change from call to call
   * @throws ServiceError AUDIO_FORMAT
   */
  push(samples: Float32Array, sampleRateHz = this.#deps.sampleRateHz): Promise<void> {
    this.#uncommitted += samples.length;
    return this.#inOrder(async () => {
      if (sampleRateHz !== this.#rateHz) await this.#changeRate(sampleRateHz);
      await this.#hear(this.#resampler.push(samples));
    });
  }

  /** How utterances are told apart from here on. One that is open ends here. */
  setMode({ manual, silenceMs }: HearingMode): Promise<void> {
    this.#uncommitted = 0;
    return this.#inOrder(async () => {
      this.#policy = silenceMs > 0 ? { ...this.#deps.policy, hangoverMs: silenceMs } : this.#deps.policy;
      if (manual === this.#manual) return;
      this.#finishOpen();
      this.#manual = manual;
      this.#stream.close();
      this.#stream = this.#deps.vad.open({ startUs: this.#receivedUs });
    });
  }

  /** Manual: the sound since the last commit or clear is an utterance. @throws ServiceError AUDIO_EMPTY */
  commit(): Promise<void> {
    if (this.#uncommitted === 0) throw new ServiceError("AUDIO_EMPTY", "no sound has come since the last commit");
    this.#uncommitted = 0;
    return this.#inOrder(async () => this.#finishOpen());
  }

  /** Manual: the sound since then is forgotten. @param forget called in its order, before later sound */
  clear(forget: () => void): Promise<void> {
    this.#uncommitted = 0;
    return this.#inOrder(async () => {
      this.#utteranceStartUs = undefined;
      this.#sentUs = this.#receivedUs;
      this.#endpoint = initialEndpointState;
      forget();
    });
  }

  /** Runs when all that came before has been heard. */
  inOrder(action: () => void): Promise<void> {
    return this.#inOrder(async () => action());
  }

  /** No sound comes for now: an utterance that is open ends here. */
  pause(): Promise<void> {
    return this.#inOrder(async () => this.#finishOpen());
  }

  /** How long no voice has been heard; 0: one is heard now; infinite where no utterance is open. */
  get silentMs(): number {
    const state = this.#endpoint;
    return state.phase === "speech" ? (state.heardUs - state.lastVoiceUs) / 1000 : Number.POSITIVE_INFINITY;
  }

  /**
   * What recognition makes of the utterance that is open: where that sounds complete, less silence ends it (`settle`). Counts only in
   * a pause: one that comes while a voice is heard was made of less than was said.
   * @returns whether they may have finished; where not, `lasting` may tell later
   */
  guess(transcript: Transcript): boolean {
    const { text, words, sentenceEnd } = transcript;
    this.#doubtful = undefined;
    const startUs = this.#utteranceStartUs;
    const last = words.at(-1);
    const state = this.#endpoint;
    if (startUs === undefined || last === undefined || state.phase !== "speech" || this.silentMs === 0) return false;
    const { confidence, endUs } = last;
    const guess = { text, sentenceEnd, lastWordConfidence: confidence, lastWordEndUs: startUs + Number(endUs) };
    this.#pending = reduceGuess(this.#policy, state, guess);
    const known = text.trim() !== "" && heardAll(guess, state.lastVoiceUs);
    const maybe = mayBeComplete(guess, state.lastVoiceUs) || (known && this.silentMs >= longPauseMs);
    if (known && !maybe) this.#doubtful = transcript;
    if (maybe) this.#backUs = 0;
    return maybe;
  }

  /** Ends the utterance if the last guess makes that certain. */
  settle(): void {
    const step = this.#pending;
    this.#pending = undefined;
    if (step) for (const event of this.#take(step)) this.#end(event.ptsUs, this.#receivedUs);
  }

  #pending: EndpointStep | undefined;

  /** No more sound comes: an utterance that is open ends here. */
  finish(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#hear(this.#resampler.flush());
      // Enough silence for the endpointer to see the end, as if the person had fallen silent.
      if (this.#manual) this.#finishOpen();
      else await this.#hear(new Float32Array(Math.ceil(((this.#policy.hangoverMs + 100) / 1000) * rateHz)));
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.close();
    this.#resampler[Symbol.dispose]();
  }

  async #changeRate(sampleRateHz: number): Promise<void> {
    const next = await createResampler({ fromHz: sampleRateHz, toHz: rateHz });
    const rest = this.#resampler.flush();
    this.#resampler[Symbol.dispose]();
    this.#resampler = next;
    this.#rateHz = sampleRateHz;
    await this.#hear(rest);
  }

  /** The utterance that is open ends with the last sound there is. */
  #finishOpen(): void {
    const state = this.#endpoint;
    this.#endpoint = initialEndpointState;
    this.#backUs = undefined;
    if (this.#utteranceStartUs === undefined) return;
    this.#end(state.phase === "speech" ? state.lastVoiceUs : this.#receivedUs, this.#receivedUs);
  }

  #take({ state, events }: EndpointStep): EndpointStep["events"] {
    this.#endpoint = state;
    return events;
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(async () => {
      if (!this.#closed) await work();
    });
    // What fails is its caller's; what comes after it is heard all the same.
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #hear(samples: Float32Array): Promise<void> {
    if (samples.length === 0) return;
    this.#append(samples);
    if (this.#manual) this.#collect(samples.length);
    else for (const window of await this.#detect(samples)) this.#hearWindow(window);
    this.#forget();
  }

  async #detect(samples: Float32Array): Promise<readonly SpeechWindow[]> {
    return await this.#stream.push(samples).catch((thrown: unknown) => {
      const error = ServiceError.from(thrown);
      // A busy machine loses some windows of voice activity, not the call.
      if (["CANCELLED", "DEADLINE", "QUEUE_FULL"].includes(error.reason)) return [];
      throw error;
    });
  }

  #hearWindow(window: SpeechWindow): void {
    const endUs = window.ptsUs + window.durationUs;
    this.#pending = undefined;
    for (const event of this.#take(reduceEndpoint(this.#policy, this.#endpoint, window))) {
      if (event.kind === "onset") this.#begin(event.ptsUs);
      else this.#end(event.ptsUs, endUs);
    }
    const state = this.#endpoint;
    if (state.phase !== "speech") return;
    this.#watchReturn(state.lastVoiceUs === endUs, window.durationUs);
    this.#watchPause();
    // What follows the last voice is held back until it is clear that the utterance goes on.
    this.#send(Math.min(endUs, state.lastVoiceUs + postrollUs));
  }

  #watchPause(): void {
    const guess = this.#doubtful;
    if (this.silentMs > 0 && this.silentMs < longPauseMs) return;
    this.#doubtful = undefined;
    if (this.silentMs === 0 || !guess) return;
    this.#backUs = 0;
    this.#deps.events.lasting(guess);
  }

  #watchReturn(voiced: boolean, durationUs: number): void {
    if (this.#backUs === undefined) return;
    this.#backUs = voiced ? this.#backUs + durationUs : 0;
    if (this.#backUs < resumedUs) return;
    this.#backUs = undefined;
    this.#deps.events.resumed();
  }

  /** Manual: all sound belongs to the utterance. */
  #collect(count: number): void {
    const startUs = this.#receivedUs - (count / rateHz) * 1e6;
    if (this.#utteranceStartUs === undefined) {
      this.#utteranceStartUs = Math.max(this.#sentUs, startUs);
      this.#sentUs = this.#utteranceStartUs;
      this.#deps.events.onset(startUs);
    }
    this.#send(this.#receivedUs);
    // Longer ones go on as another, as spoken ones do.
    if (this.#receivedUs - this.#utteranceStartUs >= this.#policy.maxSpeechMs * 1000) this.#end(this.#receivedUs, this.#receivedUs);
  }

  #append(samples: Float32Array): void {
    const joined = new Float32Array(this.#tail.length + samples.length);
    joined.set(this.#tail);
    joined.set(samples, this.#tail.length);
    this.#tail = joined;
    this.#receivedUs += (samples.length / rateHz) * 1e6;
  }

  #begin(onsetUs: number): void {
    this.#utteranceStartUs = Math.max(this.#sentUs, onsetUs - prerollUs, this.#tailStartUs);
    this.#sentUs = this.#utteranceStartUs;
    this.#backUs = undefined;
    this.#deps.events.onset(onsetUs);
  }

  #end(speechEndUs: number, nowUs: number): void {
    this.#send(Math.min(speechEndUs + postrollUs, nowUs));
    this.#utteranceStartUs = undefined;
    this.#backUs = undefined;
    this.#deps.events.end(speechEndUs);
  }

  #send(untilUs: number): void {
    const startUs = this.#utteranceStartUs;
    if (startUs === undefined || untilUs <= this.#sentUs) return;
    const at = (us: number) => Math.round(((us - this.#tailStartUs) / 1e6) * rateHz);
    const samples = this.#tail.subarray(at(this.#sentUs), at(untilUs));
    if (samples.length > 0) this.#deps.events.sound(this.#sentUs - startUs, pcm16ToBytes(floatToPcm16(samples)));
    this.#sentUs = untilUs;
  }

  /** Keeps what an utterance could still need. */
  #forget(): void {
    const open = this.#utteranceStartUs !== undefined;
    const keepFromUs = open ? this.#sentUs : this.#receivedUs - prerollUs - 200_000;
    const drop = Math.floor(((keepFromUs - this.#tailStartUs) / 1e6) * rateHz);
    if (drop <= rateHz / 10) return;
    this.#tail = this.#tail.slice(drop);
    this.#tailStartUs += (drop / rateHz) * 1e6;
  }
}
