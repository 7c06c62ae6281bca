/**
 * Decodes G.722 at 64 kbit/s (ITU-T Recommendation G.722, 09/2012): 16 kHz speech in two sub-bands of adaptive differential PCM.
 * @param bytes one code word for every two samples: six bits of the lower band below two of the higher
 * @returns 16 kHz, 16 bit
 */
export function decodeG722(bytes: Uint8Array): Int16Array {
  const low = createBand({ stepLimit: 18_432, stepShift: 8, firstStep: 32 });
  const high = createBand({ stepLimit: 22_528, stepShift: 10, firstStep: 8 });
  const synthesis = new Int32Array(24);
  const samples = new Int16Array(bytes.length * 2);
  for (const [index, code] of bytes.entries()) {
    const lowSample = decodeLow(low, code & 63);
    const highSample = decodeHigh(high, code >> 6);
    synthesis.copyWithin(0, 2);
    synthesis[22] = lowSample + highSample;
    synthesis[23] = lowSample - highSample;
    let even = 0;
    let odd = 0;
    for (let tap = 0; tap < 12; tap++) {
      odd += (synthesis[2 * tap] as number) * (mirrorFilter[tap] as number);
      even += (synthesis[2 * tap + 1] as number) * (mirrorFilter[11 - tap] as number);
    }
    samples[2 * index] = saturate(even >> 11);
    samples[2 * index + 1] = saturate(odd >> 11);
  }
  return samples;
}

/** The adaptive predictor and quantiser of a sub-band (clause 6.2, figures 8 and 9). The names follow the Recommendation's variables. */
interface Band {
  readonly limits: StepLimits;
  /** DET: the quantiser's step. */
  step: number;
  /** NB: its logarithm. */
  logStep: number;
  /** S: the prediction, and SZ: its part from the zeros. */
  prediction: number;
  zeroPrediction: number;
  /** A: the two poles, B: the six zeros. */
  readonly poles: [number, number];
  readonly zeros: Int32Array;
  /** R: reconstructed samples, D: differences, P: differences with the zeros' part; newest first. */
  readonly reconstructed: [number, number];
  readonly differences: Int32Array;
  readonly partial: [number, number];
}

interface StepLimits {
  readonly stepLimit: number;
  readonly stepShift: number;
  readonly firstStep: number;
}

function createBand(limits: StepLimits): Band {
  return {
    limits,
    step: limits.firstStep,
    logStep: 0,
    prediction: 0,
    zeroPrediction: 0,
    poles: [0, 0],
    zeros: new Int32Array(6),
    reconstructed: [0, 0],
    differences: new Int32Array(6),
    partial: [0, 0],
  };
}

function decodeLow(band: Band, code: number): number {
  const difference = (band.step * (lowDifferences6[code] as number)) >> 15;
  const sample = limit(band.prediction + difference);
  // The predictor follows the four upper bits only, so that lower rates stay in step.
  const coarse = code >> 2;
  const update = (band.step * (lowDifferences4[coarse] as number)) >> 15;
  adaptStep(band, lowStepChanges[coarse] as number);
  adaptPredictor(band, update);
  return sample;
}

function decodeHigh(band: Band, code: number): number {
  const difference = (band.step * (highDifferences[code] as number)) >> 15;
  const sample = limit(band.prediction + difference);
  adaptStep(band, highStepChanges[code] as number);
  adaptPredictor(band, difference);
  return sample;
}

/** LOGSCL, SCALEL and their like for the higher band. */
function adaptStep(band: Band, change: number): void {
  const { stepLimit, stepShift } = band.limits;
  band.logStep = Math.min(stepLimit, Math.max(0, ((band.logStep * 127) >> 7) + change));
  const mantissa = inverseLog[(band.logStep >> 6) & 31] as number;
  const shift = stepShift - (band.logStep >> 11);
  band.step = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
}

/** RECONS, PARREC, UPPOL2, UPPOL1, UPZERO, FILTEP, FILTEZ and PREDIC. */
function adaptPredictor(band: Band, difference: number): void {
  const { poles, zeros, differences, reconstructed, partial } = band;
  const sample = saturate(band.prediction + difference);
  const part = saturate(band.zeroPrediction + difference);
  adaptPoles(poles, part, partial);
  const step = difference === 0 ? 0 : 128;
  for (let index = 0; index < 6; index++) {
    const same = difference >> 15 === (differences[index] as number) >> 15;
    zeros[index] = saturate((same ? step : -step) + (((zeros[index] as number) * 32_640) >> 15));
  }
  differences.copyWithin(1, 0, 5);
  differences[0] = difference;
  reconstructed[1] = reconstructed[0];
  reconstructed[0] = sample;
  partial[1] = partial[0];
  partial[0] = part;
  const polePrediction = saturate(product(poles[0], reconstructed[0]) + product(poles[1], reconstructed[1]));
  let zeroPrediction = 0;
  for (let index = 5; index >= 0; index--)
    zeroPrediction = saturate(zeroPrediction + product(zeros[index] as number, differences[index] as number));
  band.zeroPrediction = zeroPrediction;
  band.prediction = saturate(polePrediction + zeroPrediction);
}

function adaptPoles(poles: [number, number], part: number, before: readonly [number, number]): void {
  const sameAsFirst = part >> 15 === before[0] >> 15;
  const sameAsSecond = part >> 15 === before[1] >> 15;
  const drift = saturate(poles[0] << 2);
  const pull = (sameAsFirst ? Math.min(32_767, -drift) : drift) >> 7;
  const second = saturate(pull + (sameAsSecond ? 128 : -128) + ((poles[1] * 32_512) >> 15));
  poles[1] = Math.min(12_288, Math.max(-12_288, second));
  const bound = saturate(15_360 - poles[1]);
  const first = saturate((sameAsFirst ? 192 : -192) + ((poles[0] * 32_640) >> 15));
  poles[0] = Math.min(bound, Math.max(-bound, first));
}

const product = (coefficient: number, value: number) => (coefficient * saturate(2 * value)) >> 15;
const saturate = (value: number) => Math.min(32_767, Math.max(-32_768, value));
/** LIMIT and its like for the higher band: a band has 15 bits. */
const limit = (value: number) => Math.min(16_383, Math.max(-16_384, value));

// Tables of the Recommendation.

/** H: half of the quadrature mirror filter, every second coefficient. */
const mirrorFilter = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
/** ILB */
const inverseLog = [
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298,
  3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
/** QM6 */
const lowDifferences6 = [
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856, -7192, -6576, -6000,
  -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
  11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
  -432, -136,
];
/** QM4 */
const lowDifferences4 = [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
/** WL by RL42 */
const lowStepChanges = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
/** QM2 */
const highDifferences = [-7408, -1616, 7408, 1616];
/** WH by RH2 */
const highStepChanges = [798, -214, 798, -214];
