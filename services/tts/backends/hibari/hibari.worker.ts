import { readFileSync } from "node:fs";
import { serveExecutor } from "@troupe/executor";
import * as ort from "onnxruntime-node";
import { createEnglishVoice, type RunSpeaker, sessionOptions } from "../english/english-voice.ts";
import type { HibariFiles } from "./model-files.ts";
import { hopSamples, sampleRateHz, samplesPerDuration, unvoicedBelowHz } from "./signal-format.ts";
import { createVocoder } from "./vocoder.ts";

/**
 * The voice is trained on a teacher whose acoustics lead its durations. Measured as the median offset between the bounds of sibilants
 * and the rise of energy above 4 kHz: 65 ms at rate 0.6, 50 ms at 1, 38 ms at 1.6, so about 50 ms / sqrt(rate).
 */
const leadSamples = 1200;

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
      const sequence = [0, ...symbols.map((symbol) => ids.get(symbol) ?? 0), 0];
      const output = await network.run({
        ids: new ort.Tensor("int64", BigInt64Array.from(sequence, BigInt), [1, sequence.length]),
        speed: new ort.Tensor("float32", [rate], [1]),
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
        leadSamples: Math.round(leadSamples / Math.sqrt(rate)),
        track: { hopMs: (1000 * hopSamples) / sampleRateHz, pitchHz: pitchHz.map((pitch) => (pitch > unvoicedBelowHz ? pitch : 0)) },
      };
    },
  };
}
