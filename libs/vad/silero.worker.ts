import { serveExecutor } from "@troupe/executor";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { CONTEXT_SAMPLES, SAMPLE_RATE_HZ, STATE_SHAPE, WINDOW_SAMPLES } from "./silero-frame.ts";

export interface SileroOptions {
  /** Path of the ONNX file. */
  readonly model: string;
}

export interface DetectArgument {
  /** CONTEXT_SAMPLES of what came before, then whole windows. */
  readonly samples: Float32Array;
  readonly state: Float32Array;
}

export interface DetectResult {
  /** 0..1, one per window. */
  readonly probabilities: readonly number[];
  readonly state: Float32Array;
}

export type Detect = (argument: DetectArgument) => Promise<DetectResult>;

serveExecutor(async (options: SileroOptions) => {
  const session = await InferenceSession.create(options.model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
  });
  const sr = new Tensor("int64", BigInt64Array.of(BigInt(SAMPLE_RATE_HZ)), []);
  const frameSamples = CONTEXT_SAMPLES + WINDOW_SAMPLES;

  const detect: Detect = async ({ samples, state }) => {
    const probabilities: number[] = [];
    let current = new Tensor("float32", state, STATE_SHAPE);
    for (let start = 0; start + frameSamples <= samples.length; start += WINDOW_SAMPLES) {
      const input = new Tensor("float32", samples.slice(start, start + frameSamples), [1, frameSamples]);
      const outputs = await session.run({ input, state: current, sr });
      const output = outputs.output as Tensor;
      probabilities.push(output.data[0] as number);
      current = outputs.stateN as typeof current;
    }
    return { probabilities, state: current.data as Float32Array };
  };
  return { detect };
});
