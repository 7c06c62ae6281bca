import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GraphTensors, TensorShape } from "./manifest.ts";
import { readGraphTensors } from "./onnx-graph.ts";
import { onnxFile } from "./testing/onnx-file.ts";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

const mel: TensorShape = { name: "mel", type: "float32", shape: ["batch", 80, 3000] };
const tokens: TensorShape = { name: "tokens", type: "int64", shape: ["batch", "new"] };
const logits: TensorShape = { name: "logits", type: "float32", shape: ["batch", 51865] };
const GRAPH = onnxFile([mel, tokens], [logits]);

let folders: StoreFolders;

beforeEach(async () => {
  folders = await createStoreFolders();
});
afterEach(() => folders[Symbol.asyncDispose]());

async function pullWith(tensors: GraphTensors, content: Buffer = GRAPH) {
  await folders.put("tiny/graph.onnx", content);
  await folders.write({
    tensors: { "graph.onnx": tensors },
    files: [fileEntry("graph.onnx", content, { kind: "file", path: "graph.onnx" })],
  });
  return await folders.pull();
}

describe("a graph whose tensors are not those of its manifest", () => {
  it.each<[string, Partial<GraphTensors>]>([
    [
      "input mel has the shape [batch, 80, 3000] instead of [batch, 128, 3000]",
      { inputs: [{ ...mel, shape: ["batch", 128, 3000] }, tokens] },
    ],
    [
      "input mel has the shape [batch, 80, 3000] instead of [batch, 80, frames]",
      { inputs: [{ ...mel, shape: ["batch", 80, "frames"] }, tokens] },
    ],
    ["input mel has the shape [batch, 80, 3000] instead of [80, 3000]", { inputs: [{ ...mel, shape: [80, 3000] }, tokens] }],
    ["input tokens is int64 instead of int32", { inputs: [mel, { ...tokens, type: "int32" }] }],
    ["the graph also wants the input tokens", { inputs: [mel] }],
    ["the graph has no input speed; it has mel, tokens", { inputs: [mel, tokens, { ...mel, name: "speed" }] }],
    ["the graph has no output durations; it has logits", { outputs: [{ ...logits, name: "durations" }] }],
  ])("is refused: %s", async (difference, changes) => {
    const tensors = { inputs: [mel, tokens], outputs: [logits], ...changes };
    await expect(pullWith(tensors)).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message: expect.stringContaining(difference) });
    await expect(folders.resolve()).rejects.toMatchObject({ reason: "MODEL_MISSING" });
  });

  it("is refused when it is loaded, too", async () => {
    const right = { inputs: [mel, tokens], outputs: [logits] };
    await pullWith(right);
    await expect(folders.resolve()).resolves.toBeDefined();
    const files = [fileEntry("graph.onnx", GRAPH, { kind: "file", path: "graph.onnx" })];
    await folders.write({ tensors: { "graph.onnx": { ...right, outputs: [tokens] } }, files });
    await expect(folders.resolve()).rejects.toMatchObject({
      reason: "MODEL_CORRUPT",
      message: expect.stringContaining("no output tokens"),
    });
  });

  it.each([
    ["text", Buffer.from("these are no weights\n")],
    ["a graph that was cut off", GRAPH.subarray(0, GRAPH.length - 5)],
    ["nothing but zeros", Buffer.alloc(64)],
  ])("is refused when it is %s", async (_, content) => {
    const message = expect.stringMatching(/no ONNX graph/);
    await expect(pullWith({ inputs: [], outputs: [] }, content)).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message });
  });
});

describe("reading a graph", () => {
  const read = async (content: Buffer) => {
    const path = join(folders.dir, "graph.onnx");
    await writeFile(path, content);
    return readGraphTensors(path);
  };

  it("finds inputs and outputs among large weights, and leaves weights out that are listed as inputs", async () => {
    const weight: TensorShape = { name: "w", type: "float32", shape: [4] };
    expect(await read(onnxFile([mel, weight, tokens], [logits], ["w", "v"]))).toEqual({ inputs: [mel, tokens], outputs: [logits] });
  });

  it("never fails in another way than with a sentence, whatever the bytes", async () => {
    const graph = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const damaged = fc.tuple(fc.nat(GRAPH.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(GRAPH);
      copy[at] = byte;
      return copy;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(graph, damaged), async (bytes) => {
        const found = await read(bytes);
        expect(typeof found === "string" || Array.isArray(found.inputs)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
