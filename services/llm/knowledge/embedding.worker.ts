import { readFile } from "node:fs/promises";
import { Tokenizer } from "@huggingface/tokenizers";
import { serveExecutor } from "@troupe/executor";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { tokenSpans } from "./token-spans.ts";

/** What the worker needs; absolute paths. */
export interface EmbeddingData {
  readonly modelPath: string;
  readonly tokenizerPath: string;
  readonly maxTokens: number;
}

/** The tokens of a text with their vectors in context. */
export interface EncodedText {
  /** Unit length, mean of the tokens, prefix and special tokens included. */
  readonly vector: Float32Array;
  /** First and past-the-last UTF-16 unit of each token in the text; what stands in no word has an empty span. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** One row of unit length for each token. */
  readonly rows: Float32Array;
}

export type EmbeddingApi = {
  /** @param job the prefix is read by the model and is no part of the text */
  encode(job: { readonly prefix: string; readonly texts: readonly string[] }): Promise<EncodedText[]>;
  /** One unit vector per text, one after the other. */
  embed(job: { readonly prefix: string; readonly texts: readonly string[] }): Promise<Float32Array>;
};

serveExecutor<EmbeddingData>(async (data) => {
  const tokenizer = new Tokenizer(JSON.parse(await readFile(data.tokenizerPath, "utf8")) as object, {});
  const session = await InferenceSession.create(data.modelPath, { intraOpNumThreads: 1, interOpNumThreads: 1 });

  /** One text a run: a batch would need padding, and quantised activations would let texts change each other's vectors. */
  async function run(text: string): Promise<{ readonly tokens: readonly string[]; readonly hidden: Float32Array }> {
    const { ids, tokens } = tokenizer.encode(text);
    const cut = ids.length > data.maxTokens;
    const kept = cut ? [...ids.slice(0, data.maxTokens - 1), ids.at(-1) as number] : ids;
    const input = new Tensor("int64", BigInt64Array.from(kept, BigInt), [1, kept.length]);
    const outputs = await session.run({ input_ids: input });
    const hidden = outputs[session.outputNames[0] as string] as Tensor;
    return { tokens: tokens.slice(0, kept.length), hidden: hidden.data as Float32Array };
  }

  async function vectorOf(text: string): Promise<Float32Array> {
    const { tokens, hidden } = await run(text);
    return meanPool(hidden, tokens.length);
  }

  return {
    async encode({ prefix, texts }: { prefix: string; texts: readonly string[] }): Promise<EncodedText[]> {
      const encoded: EncodedText[] = [];
      for (const text of texts) {
        const { tokens, hidden } = await run(prefix + text);
        encoded.push({
          ...tokenSpans(tokens, prefix, text),
          vector: meanPool(hidden, tokens.length),
          rows: unitRows(hidden, tokens.length),
        });
      }
      return encoded;
    },
    async embed({ prefix, texts }: { prefix: string; texts: readonly string[] }): Promise<Float32Array> {
      const vectors: Float32Array[] = [];
      for (const text of texts) vectors.push(await vectorOf(prefix + text));
      const dimensions = vectors[0]?.length ?? 0;
      const flat = new Float32Array(texts.length * dimensions);
      vectors.forEach((vector, index) => {
        flat.set(vector, index * dimensions);
      });
      return flat;
    },
  };
});

/** Mean over the tokens, scaled to length 1. @param hidden [tokens, dimensions] */
function meanPool(hidden: Float32Array, tokens: number): Float32Array {
  const dimensions = hidden.length / tokens;
  const mean = new Float32Array(dimensions);
  for (let token = 0; token < tokens; token++) {
    for (let index = 0; index < dimensions; index++) mean[index] = (mean[index] as number) + (hidden[token * dimensions + index] as number);
  }
  return scaled(mean);
}

function unitRows(hidden: Float32Array, tokens: number): Float32Array {
  const dimensions = hidden.length / tokens;
  const rows = new Float32Array(hidden.length);
  for (let token = 0; token < tokens; token++) {
    rows.set(scaled(hidden.subarray(token * dimensions, (token + 1) * dimensions)), token * dimensions);
  }
  return rows;
}

function scaled(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
