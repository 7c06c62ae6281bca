import { readFile } from "node:fs/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { z } from "zod";
import { bands, createMelStream, firstMelState, hopSamples, type MelState } from "./mel-stream.ts";

/** Samples of one output: 20 ms at 16 kHz. */
export const stepSamples = 2 * hopSamples;

/** What models/mouth-net/mouth-net.layout, in JSON, tells of the network. */
const layoutSchema = z.object({
  /** IPA symbols of the outputs; "" is silence. */
  phones: z.array(z.string()).min(1),
  /** For each output the number of its class: phones of one class look alike. */
  classes: z.array(z.int().nonnegative()),
  /** For each class how much its probability counts: what is rare and matters, like closed lips, more. */
  gains: z.array(z.number().positive()),
  /** Mean log mel spectrum of speech. */
  prior: z.array(z.number()).length(bands),
  /** Output n tells of step n - lateSteps. */
  lateSteps: z.int().nonnegative(),
});
export type MouthNetLayout = z.infer<typeof layoutSchema>;

/** All that the network remembers of one stream. */
export interface MouthNetState {
  readonly mel: MelState;
  readonly tensors: readonly StateTensor[];
}

interface StateTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface MouthNetOutput {
  /** Probabilities [steps, phones]. */
  readonly posteriors: Float32Array;
  readonly state: MouthNetState;
}

export interface MouthNet {
  readonly layout: MouthNetLayout;
  readonly firstState: MouthNetState;
  /** @param samples 16 kHz mono, -1..1, a multiple of stepSamples; the state is not changed */
  hear(state: MouthNetState, samples: Float32Array): Promise<MouthNetOutput>;
}

export async function readMouthNetLayout(path: string): Promise<MouthNetLayout> {
  return layoutSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

/** Loads the network into this thread. */
export async function loadMouthNet(files: { readonly network: string; readonly layout: string }): Promise<MouthNet> {
  const layout = await readMouthNetLayout(files.layout);
  const session = await InferenceSession.create(files.network, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const stateInputs = session.inputMetadata.filter(({ name }) => name.startsWith("state"));
  const melStream = createMelStream();
  return {
    layout,
    firstState: {
      mel: firstMelState(layout.prior),
      tensors: stateInputs.map((input) => {
        const dims = "shape" in input ? input.shape.map((size) => (typeof size === "number" ? size : 1)) : [];
        return { dims, data: new Float32Array(dims.reduce((product, size) => product * size, 1)) };
      }),
    },
    async hear(state, samples) {
      const mel = melStream(state.mel, samples);
      const feeds: Record<string, Tensor> = { mel: new Tensor("float32", mel.frames, [1, samples.length / hopSamples, bands]) };
      for (const [index, { dims, data }] of state.tensors.entries()) feeds[`state${index}`] = new Tensor("float32", data, dims);
      const outputs = await session.run(feeds);
      const tensors = state.tensors.map(({ dims }, index) => ({ dims, data: outputs[`next${index}`]?.data as Float32Array }));
      return { posteriors: outputs.posteriors?.data as Float32Array, state: { mel: mel.state, tensors } };
    },
  };
}
