import { readFile } from "node:fs/promises";
import { Tokenizer } from "@huggingface/tokenizers";
import { serveExecutor } from "@troupe/executor";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** What the worker needs; absolute paths. */
export interface MiniLmData {
  readonly modelPath: string;
  readonly tokenizerPath: string;
}

export type MiniLmApi = {
  /** One unit vector of 384 values per text, one after the other. */
  embed(texts: readonly string[]): Promise<Float32Array>;
};

/** The model was trained on 128 word pieces (sentence-transformers, all-MiniLM-L6-v2 model card). */
const maxTokens = 128;

serveExecutor<MiniLmData>(async (data) => {
  const tokenizer = new Tokenizer(JSON.parse(await readFile(data.tokenizerPath, "utf8")) as object, {
    tokenizer_class: "BertTokenizer",
    do_lower_case: true,
  });
  const session = await InferenceSession.create(data.modelPath, { intraOpNumThreads: 1, interOpNumThreads: 1 });

  /** One text a run: int8 activations are scaled per run, so a batch would let texts change each other's vectors. */
  async function embedOne(text: string): Promise<Float32Array> {
    const { ids } = tokenizer.encode(text);
    const kept = ids.length > maxTokens ? [...ids.slice(0, maxTokens - 1), ids.at(-1) as number] : ids;
    const shape = [1, kept.length];
    const filled = (value: bigint) => new Tensor("int64", new BigInt64Array(kept.length).fill(value), shape);
    const feeds: Record<string, Tensor> = {
      input_ids: new Tensor("int64", BigInt64Array.from(kept, BigInt), shape),
      attention_mask: filled(1n),
    };
    if (session.inputNames.includes("token_type_ids")) feeds.token_type_ids = filled(0n);
    const outputs = await session.run(feeds);
    const hidden = outputs[session.outputNames[0] as string] as Tensor;
    return meanPool(hidden.data as Float32Array, kept.length);
  }

  return {
    async embed(texts: readonly string[]): Promise<Float32Array> {
      const vectors: Float32Array[] = [];
      for (const text of texts) vectors.push(await embedOne(text));
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
  const length = Math.hypot(...mean) || 1;
  return mean.map((value) => value / length);
}
