import { createResampler, floatToPcm16, pcm16ToBytes, type Resampler } from "@troupe/audio";
import type { Transcript } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { createEndpointer, type Endpointer, type EndpointPolicy, type Vad, type VadStream } from "@troupe/vad";

const rateHz = 16_000;
/** Sound kept from before the onset, so that no first consonant is lost. */
const prerollUs = 300_000;
/** Sound after the last voice that still goes to recognition. */
const postrollUs = 200_000;

/** Gaps between the voiced parts of words are shorter. */
const voiceGapUs = 150_000;

export interface HearingEvents {
  onset(): void;
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

/** Listens to a person: finds where they begin and end, and passes on the sound of each utterance. Pushes are handled in order. */
export class Hearing {
  readonly #deps: HearingDeps;
  readonly #stream: VadStream;
  readonly #endpointer: Endpointer;
  readonly #resampler: Resampler;
  #tail = new Float32Array(0);
  /** Position of the first sample of the tail. */
  #tailStartUs = 0;
  #receivedUs = 0;
  #utteranceStartUs: number | undefined;
  #sentUs = 0;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(deps: HearingDeps, resampler: Resampler) {
    this.#deps = deps;
    this.#resampler = resampler;
    this.#stream = deps.vad.open();
    this.#endpointer = createEndpointer(deps.policy);
  }

  static async open(deps: HearingDeps): Promise<Hearing> {
    return new Hearing(deps, await createResampler({ fromHz: deps.sampleRateHz, toHz: rateHz }));
  }

  /** @param samples mono at the caller's rate, -1..1; ignored once closed */
  push(samples: Float32Array): Promise<void> {
    return this.#inOrder(() => this.#hear(this.#resampler.push(samples)));
  }

  /** Whether a voice was there within the last 150 ms of the sound received. */
  get speaking(): boolean {
    const { state } = this.#endpointer;
    return state.phase === "speech" && this.#receivedUs - state.lastVoiceUs < voiceGapUs;
  }

  /**
   * What recognition makes of the utterance that is open: where that sounds complete, less silence ends it. Counts only in a pause:
   * one that comes while a voice is heard was made of less than was said.
   */
  guess({ text, words }: Transcript): void {
    const startUs = this.#utteranceStartUs;
    const last = words.at(-1);
    if (startUs === undefined || last === undefined || !this.#inPause) return;
    const guess = { text, lastWordConfidence: last.confidence, lastWordEndUs: startUs + Number(last.endUs) };
    for (const event of this.#endpointer.guess(guess)) this.#end(event.ptsUs, this.#receivedUs);
  }

  /** No more sound comes: an utterance that is open ends here. */
  finish(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#hear(this.#resampler.flush());
      // Enough silence for the endpointer to see the end, as if the person had fallen silent.
      await this.#hear(new Float32Array(Math.ceil(((this.#deps.policy.hangoverMs + 100) / 1000) * rateHz)));
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.close();
    this.#resampler[Symbol.dispose]();
  }

  get #inPause(): boolean {
    const { state } = this.#endpointer;
    return state.phase === "speech" && state.heardUs > state.lastVoiceUs;
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(async () => {
      if (!this.#closed) await work();
    });
    return this.#work;
  }

  async #hear(samples: Float32Array): Promise<void> {
    if (samples.length === 0) return;
    this.#append(samples);
    const windows = await this.#stream.push(samples).catch((thrown: unknown) => {
      const error = ServiceError.from(thrown);
      // A busy machine loses some windows of voice activity, not the call.
      if (["CANCELLED", "DEADLINE", "QUEUE_FULL"].includes(error.reason)) return [];
      throw error;
    });
    for (const window of windows) {
      for (const event of this.#endpointer.push(window)) {
        if (event.kind === "onset") this.#begin(event.ptsUs);
        else this.#end(event.ptsUs, window.ptsUs + window.durationUs);
      }
      // What follows the last voice is held back until it is clear that the utterance goes on.
      const { state } = this.#endpointer;
      if (state.phase === "speech") this.#send(Math.min(window.ptsUs + window.durationUs, state.lastVoiceUs + postrollUs));
    }
    this.#forget();
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
    this.#deps.events.onset();
  }

  #end(speechEndUs: number, nowUs: number): void {
    this.#send(Math.min(speechEndUs + postrollUs, nowUs));
    this.#utteranceStartUs = undefined;
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
