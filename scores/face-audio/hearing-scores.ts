import { createResampler, pcm16ToFloat, rmsDb } from "@troupe/audio";
import { hearPhones, type MouthNet } from "@troupe/face/backends";
import type { Spoken } from "../face/spoken.ts";
import type { VisemeClass, VisemeClasses } from "../face/viseme-classes.ts";
import type { Score, ScoreSet } from "../score.ts";
import { chanceAccuracy, type HeardTrack, hearingAccuracy, lateHearing, loudnessHearing, shuffledHearing } from "./hearing-accuracy.ts";

export const sampleRateHz = 16_000;
const stepSamples = 320;
const stepUs = (stepSamples * 1_000_000) / sampleRateHz;
const shiftSteps = 10;

/** What the network hears, before any face: the class of the phone at the middle of each 20 ms. */
export async function hear(net: MouthNet, spoken: Spoken, classes: VisemeClasses): Promise<HeardTrack> {
  const samples = await resampled(spoken);
  const phones = await hearPhones(net, samples);
  return {
    known: phones.map((_, n) => classAt(spoken, (n + 0.5) * stepUs, classes)),
    heard: phones.map(({ symbol }) => classes.of(symbol)[0]),
    levelsDb: phones.map((_, n) => rmsDb(samples.subarray(n * stepSamples, (n + 1) * stepSamples))),
  };
}

export async function resampled({ samples, sampleRateHz: fromHz }: Spoken): Promise<Float32Array> {
  using resampler = await createResampler({ fromHz, toHz: sampleRateHz });
  const [body, rest] = [resampler.push(pcm16ToFloat(samples)), resampler.flush()];
  const whole = new Float32Array(body.length + rest.length);
  whole.set(body);
  whole.set(rest, body.length);
  return whole;
}

/** A diphthong's parts have equal shares. */
function classAt({ phones }: Spoken, timeUs: number, classes: VisemeClasses): VisemeClass | undefined {
  const phone = phones.find(({ startUs, endUs }) => startUs <= timeUs && timeUs < endUs);
  if (phone === undefined) return undefined;
  const parts = classes.of(phone.text);
  return parts[Math.floor(((timeUs - phone.startUs) / (phone.endUs - phone.startUs)) * parts.length)];
}

export function* hearingScores(id: string, set: ScoreSet, tracks: readonly HeardTrack[]): Generator<Score> {
  const accuracy = hearingAccuracy(tracks);
  const controls = [
    { name: "heard in another recording", value: hearingAccuracy(shuffledHearing(tracks)).macro },
    { name: "200 ms late", value: hearingAccuracy(lateHearing(tracks, shiftSteps)).macro },
    { name: "200 ms early", value: hearingAccuracy(lateHearing(tracks, -shiftSteps)).macro },
  ];
  const shares = accuracy.classes.map(({ right }) => right);
  yield {
    id: `viseme-frames-${id}`,
    what: `Viseme class heard right, mean over classes, ${id}`,
    set: { ...set, size: `${set.size}, ${accuracy.classes.reduce((sum, { steps }) => sum + steps, 0)} spoken steps of 20 ms` },
    value: accuracy.macro,
    unit: "%",
    better: "higher",
    baseline: { name: "by loudness", value: hearingAccuracy(loudnessHearing(tracks)).macro },
    control: { name: "chance", value: chanceAccuracy(tracks).macro },
    spread: { low: Math.min(...shares), high: Math.max(...shares), of: "classes" },
    note: [
      accuracy.classes.map(({ viseme, steps, right }) => `${viseme.name} ${right.toFixed(1)} % of ${steps}`).join(", "),
      controls.map(({ name, value }) => `${name} ${value.toFixed(1)} %`).join(", "),
    ].join("; "),
  };
}
