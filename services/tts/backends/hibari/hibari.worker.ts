import { readFileSync } from "node:fs";
import { serveExecutor } from "@troupe/executor";
import * as ort from "onnxruntime-node";
import { createEnglishVoice, type RunSpeaker, sessionOptions } from "../english/english-voice.ts";
import type { HibariFiles } from "./model-files.ts";
import { hopSamples, sampleRateHz, samplesPerDuration, unvoicedBelowHz } from "./signal-format.ts";
import { createVocoder } from "./vocoder.ts";

/**
 * The voice is trained on a teacher whose acoustics lead its durations. Measured as the median offset between the bounds of sibilants
 * and the rise of energy above 4 kHz: 65 ms at speed 0.6, 50 ms at 1, 38 ms at 1.6, so about 50 ms / sqrt(rate).
 */
const leadSamples = 1200;

/**
 * What the network makes of its input "speed": it rounds durations that are few frames long, so rates come in steps. Pairs of the rate that
 * is heard (mean of three sentences) and the speed that is asked for; between 1.17 and 1.5 there is nothing.
 */
const speeds: readonly (readonly [number, number])[] = [
  [0.5, 0.5],
  [0.61, 0.6],
  [0.71, 0.7],
  [0.8, 0.8],
  [0.905, 0.85],
  [0.955, 0.9],
  [1, 1],
  [1.06, 1.15],
  [1.115, 1.2],
  [1.17, 1.3],
  [1.5, 1.4],
  [1.57, 1.6],
  [1.8, 2],
  [2.2, 2.6],
];

/** The network's speed for a rate. */
function speedFor(rate: number): number {
  const above = Math.max(
    1,
    speeds.findIndex(([heard]) => heard >= rate),
  );
  const [[low, from], [high, to]] = [speeds[above - 1], speeds[above]] as [readonly [number, number], readonly [number, number]];
  return from + ((rate - low) / (high - low)) * (to - from);
}

serveExecutor<HibariFiles>(async (files) => {
  const file = (name: string) => files[name as keyof HibariFiles];
  return { ...(await createEnglishVoice(file, await createSpeaker(file))) };
});

async function createSpeaker(file: (name: string) => string): Promise<RunSpeaker> {
  const ids = new Map(Object.entries(JSON.parse(readFileSync(file("vocab.json"), "utf8")) as Record<string, number>));
  const network = await ort.InferenceSession.create(file("hibari-durations.onnx"), sessionOptions);
  const synthesize = createVocoder();
  return {
    isKnown: (symbol) => ids.has(symbol),
    async speak({ symbols }, rate) {
      const speed = speedFor(rate);
      const sequence = [0, ...symbols.map((symbol) => ids.get(symbol) ?? 0), 0];
      const output = await network.run({
        ids: new ort.Tensor("int64", BigInt64Array.from(sequence, BigInt), [1, sequence.length]),
        speed: new ort.Tensor("float32", [speed], [1]),
      });
      const floats = (name: string) => output[name]?.data as Float32Array;
      const pitchHz = floats("f0");
      const samples = synthesize(
        {
          frames: pitchHz.length,
          harmonicLog: floats("lh"),
          harmonicPhase: floats("theta"),
          noiseLog: floats("ln"),
          residualLog: floats("lr"),
          residualPhase: floats("phi"),
          pitchHz,
        },
        sequence.reduce((hash, id) => (hash * 31 + id) % 1_000_003, 7),
      );
      return {
        samples,
        spans: floats("/Round_output_0").map((duration) => Math.max(1, duration) * samplesPerDuration),
        leadSamples: Math.round(leadSamples / Math.sqrt(speed)),
        track: { hopMs: (1000 * hopSamples) / sampleRateHz, pitchHz: pitchHz.map((pitch) => (pitch > unvoicedBelowHz ? pitch : 0)) },
      };
    },
  };
}
