import { createResampler } from "@troupe/audio";
import { serveExecutor } from "@troupe/executor";
import * as ort from "onnxruntime-node";
import { createEnglishVoice, type RunSpeaker, sessionOptions } from "../english/english-voice.ts";
import { voiceSampleRateHz } from "../voice-format.ts";
import type { PiperFiles } from "./piper.ts";
import { type PiperConfig, readPiperConfig } from "./piper-config.ts";
import { espeakSpelling } from "./piper-symbols.ts";

/** Bounds of phones in the sound are this far ahead of the durations: the median over sibilants, closures and releases. */
const leadSamples = Math.round(0.02 * voiceSampleRateHz);
/** Brings the voice to the level of the others. */
const gain = 0.8;

serveExecutor<PiperFiles>(async (files) => {
  const file = (name: string) => files[name] as string;
  const config = readPiperConfig(file("voice.onnx.json"));
  return { ...(await createEnglishVoice(file, await createSpeaker(config, file("voice.onnx")))) };
});

async function createSpeaker(config: PiperConfig, path: string): Promise<RunSpeaker> {
  const network = await ort.InferenceSession.create(path, sessionOptions);
  const resampler = await createResampler({ fromHz: config.audio.sample_rate, toHz: voiceSampleRateHz });
  const idOf = (symbol: string) => config.phoneme_id_map[symbol]?.[0];
  const [pad, start, end] = [idOf("_") ?? 0, idOf("^") ?? 1, idOf("$") ?? 2];
  return {
    isKnown: (symbol) => [...(espeakSpelling([symbol])[0] ?? "")].every((character) => idOf(character) !== undefined),
    async speak({ symbols }, rate) {
      const spelled = espeakSpelling(symbols).map((text) => [...text].flatMap((character) => idOf(character) ?? []));
      // The network is trained with a pad after every symbol.
      const ids = [start, pad, ...spelled.flat().flatMap((id) => [id, pad]), end];
      const output = await network.run({
        input: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
        input_lengths: new ort.Tensor("int64", [BigInt(ids.length)], [1]),
        scales: new ort.Tensor("float32", [0, config.inference.length_scale / rate, 0], [3]),
        ...(config.num_speakers > 1 && { sid: new ort.Tensor("int64", [0n], [1]) }),
      });
      const floats = (name: string) => output[name]?.data as Float32Array;
      const durations = floats("/Ceil_output_0");
      const raw = floats("output").map((sample) => sample * gain);
      const parts = [resampler.push(raw), resampler.flush()] as const;
      const samples = new Float32Array(parts[0].length + parts[1].length);
      samples.set(parts[0]);
      samples.set(parts[1], parts[0].length);
      return { samples, spans: spansOf(durations, spelled, samples.length), leadSamples };
    },
  };
}

/** The durations of each symbol's ids and their pads, in samples; the padding at the ends first and last. */
function spansOf(durations: Float32Array, spelled: readonly (readonly number[])[], samples: number): number[] {
  const unit = samples / durations.reduce((sum, duration) => sum + duration, 0);
  let at = 0;
  const take = (count: number) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += durations[at++] ?? 0;
    return sum * unit;
  };
  return [take(2), ...spelled.map((ids) => take(2 * ids.length)), take(1)];
}
