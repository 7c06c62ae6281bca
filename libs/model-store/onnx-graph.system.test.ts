import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { defaultCacheDir } from "./cache-folder.ts";
import { createModelStore } from "./model-store.ts";
import { type DeclaredTensor, readGraphTensors } from "./onnx-graph.ts";

const store = createModelStore({
  manifestDir: fileURLToPath(new URL("../../models", import.meta.url)),
  cacheDir: defaultCacheDir(process.env, homedir()),
});

/** Names of open axes differ where ONNX Runtime invents some. */
const anonymous = (shape: readonly (number | string)[]) => shape.map((axis) => (typeof axis === "number" && axis >= 0 ? axis : "open"));

/** What the file itself declares, as ONNX Runtime sees it in a session. */
function compare(declared: readonly DeclaredTensor[], metadata: readonly InferenceSession.ValueMetadata[]): void {
  expect(declared.map(({ name }) => name)).toEqual(metadata.map(({ name }) => name));
  for (const [index, tensor] of declared.entries()) {
    const seen = metadata[index];
    if (!seen?.isTensor || tensor.type === undefined || tensor.shape === undefined) continue;
    expect([tensor.type, anonymous(tensor.shape)]).toEqual([seen.type, anonymous(seen.shape)]);
  }
}

describe("reading a graph without ONNX Runtime", () => {
  it.each([
    ["silero-vad", "silero_vad_16k_op15.onnx"],
    ["whisper-tiny-en", "encoder.onnx"],
    ["whisper-tiny-en", "decoder.onnx"],
    ["hibari-en", "hibari.onnx"],
    ["e5-multilingual", "model.onnx"],
  ])("finds in %s/%s what ONNX Runtime finds", async (id, path) => {
    const file = (await store.resolve(id)).file(path);
    const declared = readGraphTensors(file);
    const session = await InferenceSession.create(file, { graphOptimizationLevel: "disabled", intraOpNumThreads: 1 });
    try {
      if (typeof declared === "string") throw new Error(declared);
      compare(declared.inputs, session.inputMetadata);
      compare(declared.outputs, session.outputMetadata);
    } finally {
      await session.release();
    }
  });
});
