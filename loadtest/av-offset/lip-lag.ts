import { type Correlation, correlate } from "./correlation.ts";
import type { MediaFile } from "./media-file.ts";
import { type MouthOpening, measureMouth } from "./mouth-opening.ts";
import { decodePictures } from "./picture-grid.ts";
import { scatteredOrder, seededRandom } from "./random.ts";
import { interpolate, type Series, seriesStepMs, smooth, withoutDrift } from "./series.ts";
import { decodeSound } from "./sound-samples.ts";
import { speechEnvelope } from "./speech-envelope.ts";

export interface LipLag extends Correlation {
  /** Whether mouth and sound belong together: no chance order of the mouth's moves fits the sound nearly as well. */
  readonly lock: boolean;
  /** Share of chance orders that fit as well; 1/(orders + 1) at least. */
  readonly chance: number;
  /** Standard deviations between the peak and the mean peak of chance orders. */
  readonly sigmas: number;
  readonly mouth: MouthOpening["centre"];
}

export const maxLagMs = 600;
/** The band in which mouths move: slower than about 6 Hz, faster than head and breath. */
const smoothingMs = 30;
const driftMs = 700;
const chanceOrders = 200;
const chanceBlockMs = 500;
/** A lock needs all three. */
const minSigmas = 4.5;
const maxChance = 0.005;
const minOverNext = 1.3;

/** How much later the sound's envelope is than the mouth, as pixels and samples show it; bias included. @throws ServiceError as the decoders */
export async function measureLipLag(media: MediaFile): Promise<LipLag> {
  const { mouth, voice, centre } = await readMovement(media);
  const found = correlate(mouth, voice, maxLagMs);
  const random = seededRandom(1);
  const chancePeaks = Array.from({ length: chanceOrders }, () => correlate(reordered(mouth, random), voice, maxLagMs).peak);
  const mean = chancePeaks.reduce((sum, peak) => sum + peak, 0) / chanceOrders;
  const deviation = Math.sqrt(chancePeaks.reduce((sum, peak) => sum + (peak - mean) ** 2, 0) / chanceOrders);
  const sigmas = deviation > 0 ? (found.peak - mean) / deviation : 0;
  const chance = (chancePeaks.filter((peak) => peak >= found.peak).length + 1) / (chanceOrders + 1);
  const lock = sigmas >= minSigmas && chance <= maxChance && found.peak >= minOverNext * found.nextPeak;
  return { ...found, mouth: centre, chance, sigmas, lock };
}

/** Mouth and voice as two series of one band. */
export async function readMovement(media: MediaFile): Promise<{ mouth: Series; voice: Series; centre: MouthOpening["centre"] }> {
  const grid = await decodePictures(media.video);
  const { centre, opening } = measureMouth(grid);
  const mouth = prepare(interpolate(grid.timesS, opening));
  return { mouth, voice: prepare(speechEnvelope(await decodeSound(media.audio))), centre };
}

const prepare = (series: Series): Series => withoutDrift(smooth(series, smoothingMs), driftMs);

function reordered(series: Series, random: () => number): Series {
  const block = chanceBlockMs / seriesStepMs;
  const blocks = Math.floor(series.values.length / block);
  const values = series.values.slice();
  for (const [to, from] of scatteredOrder(blocks, random).entries())
    values.set(series.values.subarray(from * block, (from + 1) * block), to * block);
  return { ...series, values };
}
