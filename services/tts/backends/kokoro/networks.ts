import * as ort from "onnxruntime-node";
import type { DecoderWindow } from "./decoder-window.ts";
import { featureCount, frameSamples, type RunPlan, statisticCount } from "./signal-format.ts";
import type { VoiceStyle } from "./voice-styles.ts";

/** The two halves of the model. */
export interface Networks {
  /** @param tokens ids of a run without padding; @param rate 0.5..2.2 */
  plan(tokens: readonly number[], voice: VoiceStyle, rate: number): Promise<RunPlan>;
  /** Samples of the window's frames, context included. @param symbols of the run that the window is from */
  sound(window: DecoderWindow, voice: VoiceStyle, symbols: number): Promise<Float32Array>;
}

const noStatistics = new Float32Array(statisticCount);
/** A style depends on the length of what is said, and statistics on the style: those of a voice were taken with the style for so many. */
const statisticsSymbols = 100;
/** Speech stays below 1; beyond this the given statistics did not fit. */
const loudest = 4;
/** A window that begins amid a vowel starts with a click, which its context swallows. */
const edgeSamples = 3 * frameSamples;

/** @param paths absolute, of the two graphs; @param threads inside one run */
export async function createNetworks(paths: { readonly prosody: string; readonly decoder: string }, threads: number): Promise<Networks> {
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 } as const;
  const prosody = await ort.InferenceSession.create(paths.prosody, options);
  const decoder = await ort.InferenceSession.create(paths.decoder, options);
  const floats = (values: Float32Array, shape: readonly number[]) => new ort.Tensor("float32", values, shape);
  /** @param weight of the window's own statistics */
  async function decode(
    { frames, features, pitchHz, energy }: DecoderWindow,
    style: Float32Array,
    statistics: Float32Array,
    weight: number,
  ) {
    const output = await decoder.run({
      features: floats(features, [1, featureCount, frames]),
      pitch_hz: floats(pitchHz, [1, 2 * frames]),
      energy: floats(energy, [1, 2 * frames]),
      style: floats(style, [1, 256]),
      statistics: floats(statistics, [1, statisticCount, 1]),
      weight: floats(Float32Array.of(weight), [1]),
    });
    return output.audio?.data as Float32Array;
  }
  return {
    async plan(tokens, voice, rate) {
      const padded = [0, ...tokens, 0];
      const output = await prosody.run({
        tokens: new ort.Tensor("int64", BigInt64Array.from(padded, BigInt), [1, padded.length]),
        style: floats(voice.styleFor(tokens.length), [1, 256]),
        speed: floats(Float32Array.of(rate), [1]),
      });
      const read = (name: string) => output[name]?.data as Float32Array;
      const features = read("features");
      return {
        frames: features.length / featureCount,
        durations: read("durations"),
        features,
        pitchHz: read("pitch_hz"),
        energy: read("energy"),
      };
    },
    async sound(window, voice, symbols) {
      const { statistics } = voice;
      if (statistics === undefined) return await decode(window, voice.styleFor(symbols), noStatistics, 1);
      const samples = await decode(window, voice.styleFor(statisticsSymbols), statistics, 0);
      const isSpeech = samples.subarray(edgeSamples, -edgeSamples).every((sample) => Math.abs(sample) < loudest);
      return isSpeech ? samples : await decode(window, voice.styleFor(symbols), noStatistics, 1);
    },
  };
}
