/** How far the modelled way from the loudspeaker to the microphone can be believed. */
export type PathVerdict = "sure" | "unsure" | "changed";

/** Silence of the loudspeaker after which the way is looked at anew: the room or a device may have changed unheard. */
const quietSeconds = 0.6;
const memorySeconds = 0.25;
/** Predicted echo that must have been heard before anything is said of it. */
const soonestSeconds = 0.08;
const certainSeconds = 0.3;
/** Share of the prediction that the microphone must hold: 1 where the way is right, whoever speaks beside it; 0 where it is wrong. */
const changedShare = 0.3;
const changedShareForCertain = 0.5;
const rightShare = 0.6;
/** A filter that begins anew is given so long to find the way before it begins anew again. */
const patienceSeconds = 1.5;
/** The same where the way was right a moment ago. */
const lostShare = 0.1;
/** Power that is left over power of the microphone, below which the prediction is right at once. */
const rightRest = 0.2;
/** Power of a sample below which a block is silent. */
const audible = 1e-8;
/** Share of the usual power from which on a prediction counts: before the echo comes, a filter predicts a faint something. */
const least = 0.03;
const usualSeconds = 2;
/** Of the first difference, so that no single vowel outweighs the rest. */
const emphasis = 0.9;

/**
 * Tells from microphone and predicted echo whether the way between them is still the one that was learned. A voice nearby is not
 * like the prediction, so it changes the share of the prediction in the microphone little, however loud it is; another delay or
 * another room leaves none of it.
 */
export class PathWatch {
  readonly #blockSeconds: number;
  readonly #forget: number;
  readonly #forgetUsual: number;
  #usual = 0;
  #sure = false;
  /** Whether the way was right since the last one was given up. */
  #learned = false;
  #quietBlocks = 0;
  #heardBlocks = 0;
  #common = 0;
  #predicted = 0;
  #mic = 0;
  #rest = 0;

  constructor(blockSeconds: number) {
    this.#blockSeconds = blockSeconds;
    this.#forget = Math.exp(-blockSeconds / memorySeconds);
    this.#forgetUsual = Math.exp(-blockSeconds / usualSeconds);
  }

  /** One block of each. @param predicted the echo that was expected in `mic` */
  judge(mic: Float64Array, predicted: Float64Array, reference: Float64Array): PathVerdict {
    this.#listen(reference);
    this.#compare(mic, predicted);
    const heardSeconds = this.#heardBlocks * this.#blockSeconds;
    if (heardSeconds < soonestSeconds) return this.#verdict();
    const share = this.#common / this.#predicted;
    const certain = heardSeconds > certainSeconds;
    if ((this.#learned || heardSeconds > patienceSeconds) && share < this.#leastShare(certain)) {
      this.#begin();
      this.#learned = false;
      return "changed";
    }
    this.#sure ||= this.#rest < rightRest * this.#mic || (certain && share > rightShare);
    this.#learned ||= this.#sure;
    return this.#verdict();
  }

  #leastShare(certain: boolean): number {
    if (this.#sure) return lostShare;
    return certain ? changedShareForCertain : changedShare;
  }

  #verdict(): PathVerdict {
    return this.#sure ? "sure" : "unsure";
  }

  #listen(reference: Float64Array): void {
    let power = 0;
    for (const sample of reference) power += sample * sample;
    this.#quietBlocks = power < audible * reference.length ? this.#quietBlocks + 1 : 0;
    if (this.#quietBlocks * this.#blockSeconds > quietSeconds) this.#begin();
  }

  #begin(): void {
    this.#sure = false;
    this.#heardBlocks = 0;
    this.#common = this.#predicted = this.#mic = this.#rest = 0;
  }

  #compare(mic: Float64Array, predicted: Float64Array): void {
    let [common, power, micPower, rest] = [0, 0, 0, 0];
    for (let index = 1; index < mic.length; index++) {
      const heard = (mic[index] as number) - emphasis * (mic[index - 1] as number);
      const expected = (predicted[index] as number) - emphasis * (predicted[index - 1] as number);
      common += heard * expected;
      power += expected * expected;
      micPower += heard * heard;
      rest += (heard - expected) ** 2;
    }
    if (power < audible * mic.length) return;
    this.#usual = Math.max(this.#usual * this.#forgetUsual, this.#sure ? power : 0);
    if (power < least * this.#usual) return;
    this.#heardBlocks++;
    this.#common = this.#forget * this.#common + common;
    this.#predicted = this.#forget * this.#predicted + power;
    this.#mic = this.#forget * this.#mic + micPower;
    this.#rest = this.#forget * this.#rest + rest;
  }
}
