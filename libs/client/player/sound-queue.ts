import { JitterTarget } from "./jitter-target.ts";
import { SilencedResponses } from "./silenced-responses.ts";

/** Consecutive samples at the rate of the AudioContext. */
export interface SoundChunk {
  /** Of the first sample, on the session scale. */
  readonly ptsUs: number;
  /** Length on the session scale. */
  readonly durationUs: number;
  /** Response that sounds; 0: none. */
  readonly response: number;
  readonly samples: Float32Array;
}

export type SoundEvent =
  | { readonly type: "started"; readonly response: number; readonly ptsUs: number; readonly sample: number }
  | { readonly type: "silenced"; readonly response: number; readonly atUs: number }
  | { readonly type: "skipped"; readonly fromUs: number; readonly toUs: number };

export interface SoundPolicy {
  /** In which a silenced response fades. */
  readonly fadeMs: number;
  /** Of speech; drift of the clocks is made up for within it. */
  readonly maxDrift: number;
  /** Of silence and of pauses in speech, which nobody hears stretched: share of their length, both ways. */
  readonly maxStretch: number;
  /** Sound is never kept waiting longer than this. */
  readonly maxWaitMs: number;
}

export const defaultSoundPolicy: SoundPolicy = { fadeMs: 15, maxDrift: 0.005, maxStretch: 0.5, maxWaitMs: 300 };

const maxQueuedUs = 3_000_000;
/** A sample below this is silence, or a pause in speech (-54 dB). */
const silenceLevel = 2e-3;
/** Share of the last sample that stays from one to the next where sound runs out, so that it ends without a click. */
const decay = 0.96;

interface Queued extends SoundChunk {
  /** Nothing is heard in it: silence, or a pause in speech. */
  readonly silent: boolean;
  /** Was there when its response fell silent: it goes with the fade, whatever comes afterwards. */
  doomed: boolean;
}

/**
 * The sound that waits to be played, and the master clock: its reading position is what the person hears. Pure; the AudioWorklet
 * around it only hands on. Chunks carry the response that sounds in them, so that one response falls silent at once.
 */
export class SoundQueue {
  underruns = 0;
  readonly #jitter: JitterTarget;
  readonly #rateHz: number;
  readonly #policy: SoundPolicy;
  readonly #events: SoundEvent[] = [];
  readonly #silenced = new SilencedResponses();
  #chunks: Queued[] = [];
  #queuedUs = 0;
  /** Next sample of the first chunk. */
  #at = 0;
  #positionUs = 0;
  #sounding = 0;
  #waiting = true;
  #waitedSamples = 0;
  #fadeLeft = -1;
  #smoothUs = 0;
  #rate = 1;
  /** Of the interpolation: where between the two samples behind `#next`. */
  #phase = 0;
  #previous = 0;
  #next = 0;
  #rendered = 0;
  /** Something of the response that sounds has been heard. */
  #speaking = false;

  constructor(rateHz: number, policy: SoundPolicy = defaultSoundPolicy, jitter = new JitterTarget()) {
    this.#rateHz = rateHz;
    this.#policy = policy;
    this.#jitter = jitter;
  }

  /** Of the next sample, on the session scale. */
  get positionUs(): number {
    return this.#positionUs;
  }

  /** Sound that waits, in session time. */
  get bufferedUs(): number {
    return Math.max(0, this.#queuedUs - this.#usOf(this.#at));
  }

  /** How much should wait now: more while speech plays than before it begins, or goes on after a gap. */
  get targetUs(): number {
    return Math.round((this.#speaking && !this.#waiting ? this.#jitter.speechMs : this.#jitter.onsetMs) * 1000);
  }

  /** Session time per played time of the last block; 0 where nothing was played. */
  get rate(): number {
    return this.#waiting ? 0 : this.#rate;
  }

  /** Response that sounds now; 0: none. */
  get sounding(): number {
    return this.#waiting ? 0 : this.#sounding;
  }

  /** Where the first speech that waits begins, on the session scale; undefined: none does. */
  get speechUs(): number | undefined {
    return this.#chunks.find(({ response, doomed }) => response !== 0 && !doomed)?.ptsUs;
  }

  /** What happened since the last call. */
  takeEvents(): SoundEvent[] {
    return this.#events.splice(0);
  }

  /** @param atMs when it came, on any monotonic clock; default: as much as was rendered */
  push(chunk: SoundChunk, atMs = (this.#rendered / this.#rateHz) * 1000): void {
    if (this.#silenced.has(chunk.response)) return this.#skip([chunk]);
    // Nothing is played while the context is suspended: who comes back hears what is said now.
    if (this.#queuedUs > maxQueuedUs) {
      this.#skip(this.#chunks);
      this.clear();
    }
    this.#jitter.arrived(atMs, chunk.ptsUs / 1000, chunk.durationUs / 1000);
    const silent = chunk.samples.every((sample) => Math.abs(sample) < silenceLevel);
    this.#chunks.push({ ...chunk, silent, doomed: false });
    this.#queuedUs += chunk.durationUs;
    if (this.#chunks.length === 1) this.#positionUs = chunk.ptsUs;
  }

  /** The response falls silent within `fadeMs` and nothing of it sounds until it is released. */
  hold(response: number): void {
    this.#silence(response, false);
  }

  /** What comes of a held response from now on sounds again. */
  release(response: number): void {
    this.#silenced.release(response);
  }

  /** As hold, for good. */
  cancel(response: number): void {
    this.#silence(response, true);
  }

  /** Another scale begins, or the connection was lost: what waits is forgotten, silenced responses are not. */
  clear(): void {
    this.#jitter.restart();
    this.#speaking = false;
    this.#sounding = 0;
    this.#chunks = [];
    this.#queuedUs = 0;
    this.#at = 0;
    this.#waiting = true;
    this.#fadeLeft = -1;
  }

  /** Fills `output` with the next samples. */
  render(output: Float32Array): void {
    this.#pace();
    for (let n = 0; n < output.length; n++) {
      output[n] = this.#sample();
      this.#rendered++;
    }
  }

  #silence(response: number, forever: boolean): void {
    if (this.#silenced.has(response)) return this.#silenced.add(response, forever);
    this.#silenced.add(response, forever);
    for (const chunk of this.#chunks) chunk.doomed ||= chunk.response === response;
    if (this.#chunks[0]?.response === response && !this.#waiting && this.#fadeLeft < 0) this.#fadeLeft = this.#fadeSamples();
    else this.#fallSilent(response);
  }

  #fadeSamples(): number {
    return Math.max(1, Math.round((this.#policy.fadeMs / 1000) * this.#rateHz));
  }

  #fallSilent(response: number): void {
    const [first] = this.#chunks;
    const atUs = this.#positionUs;
    this.#skip(this.#chunks.filter((chunk) => chunk.doomed));
    this.#chunks = this.#chunks.filter((chunk) => !chunk.doomed);
    if (first?.doomed) this.#at = 0;
    this.#queuedUs = this.#chunks.reduce((sum, chunk) => sum + chunk.durationUs, 0);
    if (this.#chunks[0] && first?.doomed) this.#positionUs = this.#chunks[0].ptsUs;
    // What comes next fills its buffer first.
    if (this.#chunks.length === 0) this.#waiting = true;
    this.#fadeLeft = -1;
    if (this.#sounding === response) {
      this.#sounding = 0;
      this.#speaking = false;
    }
    this.#events.push({ type: "silenced", response, atUs });
  }

  #skip(chunks: readonly SoundChunk[]): void {
    for (const { ptsUs, durationUs } of chunks)
      this.#events.push({ type: "skipped", fromUs: Math.max(ptsUs, this.#positionUs), toUs: ptsUs + durationUs });
  }

  /** Sets how fast the next block reads: speech within the drift, silence and pauses as it suits the buffer. */
  #pace(): void {
    const head = this.#chunks[0];
    this.#smoothUs += (this.bufferedUs - this.#smoothUs) * 0.01;
    if (!head) return;
    if (this.#waiting) this.#tryStart(head);
    const { maxDrift, maxStretch } = this.#policy;
    const limit = head.silent ? maxStretch : maxDrift;
    const excessUs = (head.silent ? this.bufferedUs : this.#smoothUs) - this.targetUs;
    const wanted = Math.abs(excessUs) < 15_000 ? 0 : excessUs / (head.silent ? 100_000 : 4_000_000);
    this.#rate = 1 + Math.max(-limit, Math.min(limit, wanted));
  }

  #tryStart(head: Queued): void {
    const waitedMs = (this.#waitedSamples / this.#rateHz) * 1000;
    if (!isIdle(head) && this.bufferedUs < this.targetUs && waitedMs < this.#policy.maxWaitMs) return;
    this.#waiting = false;
    this.#waitedSamples = 0;
    this.#smoothUs = this.bufferedUs;
  }

  #sample(): number {
    if (this.#waiting) {
      if (this.#chunks.length > 0) this.#waitedSamples++;
      this.#previous = this.#next;
      this.#next *= decay;
      return this.#previous;
    }
    for (this.#phase += this.#rate; this.#phase >= 1; this.#phase--) {
      this.#previous = this.#next;
      this.#next = this.#pull();
    }
    return this.#previous + this.#phase * (this.#next - this.#previous);
  }

  /** The next sample of the stream, faded where its response falls silent. */
  #pull(): number {
    const head = this.#headAt();
    if (!head) return this.#next * decay;
    const sample = head.samples[this.#at] as number;
    this.#at++;
    this.#positionUs = head.ptsUs + (this.#at / head.samples.length) * head.durationUs;
    if (this.#fadeLeft < 0) return sample;
    this.#fadeLeft--;
    const gain = this.#fadeLeft / this.#fadeSamples();
    if (this.#fadeLeft === 0) this.#fallSilent(head.response);
    return sample * gain;
  }

  /** The chunk to read from; leaves those that are used up behind. */
  #headAt(): Queued | undefined {
    let head = this.#chunks[0];
    while (head && this.#at >= head.samples.length) {
      this.#chunks.shift();
      this.#queuedUs -= head.durationUs;
      this.#at = 0;
      const left = head;
      head = this.#chunks[0];
      if (this.#fadeLeft >= 0 && !head?.doomed) this.#fallSilent(left.response);
      if (!head) return this.#ranOut(left);
      this.#positionUs = head.ptsUs;
      if (isIdle(left) && !isIdle(head) && this.bufferedUs < 0.8 * this.targetUs) {
        this.#waiting = true;
        return undefined;
      }
    }
    if (head && head.response !== this.#sounding) this.#enter(head);
    if (head && head.response !== 0 && !head.silent) this.#speaking = true;
    return head;
  }

  #enter(head: Queued): void {
    this.#sounding = head.response;
    this.#speaking = false;
    if (head.response !== 0) this.#events.push({ type: "started", response: head.response, ptsUs: head.ptsUs, sample: this.#rendered });
  }

  #ranOut(last: Queued): undefined {
    if (!isIdle(last)) this.underruns++;
    this.#positionUs = last.ptsUs + last.durationUs;
    this.#waiting = true;
  }

  #usOf(samples: number): number {
    return (samples / this.#rateHz) * 1e6;
  }
}

/** Silence of no response. */
const isIdle = ({ response, silent }: Queued): boolean => response === 0 && silent;
