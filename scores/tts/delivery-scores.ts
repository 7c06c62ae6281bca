import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWav } from "@troupe/audio";
import { errorRate } from "../error-rate.ts";
import type { Score } from "../score.ts";
import { type Contrast, contrast, mannerOf, type SaidInAllWays } from "./deliveries.ts";
import { editsOf, type Listener } from "./listener.ts";
import type { Sentence } from "./sentences.ts";
import { median, quantile } from "./spoken.ts";

interface Measure {
  readonly id: keyof Contrast;
  readonly what: string;
  readonly unit: string;
}

const measures: readonly Measure[] = [
  { id: "pitchSemitones", what: "median pitch", unit: "semitones" },
  { id: "rangeRatio", what: "range of the pitch", unit: "x" },
  { id: "levelDb", what: "level", unit: "dB" },
  { id: "ratePercent", what: "phones a second", unit: "%" },
];

/** Excited and gentle against neutral, per sentence; neutral against neutral as the control. */
export function deliveryScores(voice: string, said: readonly SaidInAllWays[]): readonly Score[] {
  return (["excited", "gentle"] as const).flatMap((delivery) =>
    measures.map(({ id, what, unit }): Score => {
      const values = said.map((one) => contrast(mannerOf(one.neutral), mannerOf(one[delivery]))[id]);
      const control = said.map((one) => contrast(mannerOf(one.neutral), mannerOf(one.again))[id]);
      return {
        id: `${delivery}-${id}`,
        what: `${voice}: ${what}, ${delivery} against neutral, median`,
        set: { name: "every seventh sentence", kind: "authored", size: `${said.length} sentences` },
        value: median(values),
        unit,
        better: delivery === "excited" ? "higher" : "lower",
        control: { name: "neutral twice", value: median(control) },
        spread: { low: quantile(values, 0.1), high: quantile(values, 0.9), of: "10th to 90th percentile" },
      };
    }),
  );
}

/** Whether words survive the deliveries. */
export async function deliveredWords(
  said: readonly SaidInAllWays[],
  sentences: readonly Sentence[],
  listener: Listener,
): Promise<readonly Score[]> {
  const rates = new Map<string, number>();
  for (const delivery of ["neutral", "gentle", "excited"] as const) {
    const edits = [];
    for (const [index, one] of said.entries())
      edits.push(editsOf((sentences[index] as Sentence).said, await listener.hear(one[delivery], "en"), "en"));
    rates.set(delivery, errorRate(edits));
  }
  return (["gentle", "excited"] as const).map((delivery) => ({
    id: `round-trip-${delivery}`,
    what: `English words that ${listener.model} hears wrongly, ${delivery}`,
    set: { name: "every seventh sentence", kind: "authored", size: `${said.length} sentences` },
    value: rates.get(delivery) as number,
    unit: "%",
    better: "lower",
    baseline: { name: "the same sentences, neutral", value: rates.get("neutral") as number },
  }));
}

export async function keepDeliveries(said: readonly SaidInAllWays[], outDir: string): Promise<void> {
  const [first] = said;
  if (!first) return;
  for (const delivery of ["neutral", "gentle", "excited"] as const)
    await writeFile(join(outDir, `${delivery}.wav`), writeWav(first[delivery].samples, first[delivery].sampleRateHz));
}
