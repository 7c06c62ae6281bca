import { createHash } from "node:crypto";
import { join } from "node:path";
import { createExecutor } from "@troupe/executor";
import type { ResolvedModel } from "@troupe/model-store";
import type { MiniLmApi, MiniLmData } from "./minilm.worker.ts";
import { vectorFile } from "./vector-file.ts";

/** Turns sentences into unit vectors whose dot product is their likeness in meaning, -1..1. */
export interface Embedder extends AsyncDisposable {
  /** @throws ServiceError DEADLINE, CANCELLED, BACKEND_FAILED, QUEUE_FULL */
  embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;
  /** The same, kept by content, in memory and in the cache folder: for documents, not for questions. */
  embedKept(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;
}

export interface EmbedOptions {
  /** Absolute, on performance.now(). */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

const dimensions = 384;

/** Texts of one job: small enough that a question never waits long behind a document. */
const batchTexts = 8;

/**
 * all-MiniLM-L6-v2 (Reimers and Gurevych 2019, Sentence-BERT; English), 384 dimensions, in worker threads.
 * @param model holds model.onnx and tokenizer.json
 * @param cacheDir where vectors of documents are kept between runs; undefined: nowhere
 * @throws ServiceError BACKEND_FAILED
 */
export async function createMiniLmEmbedder(model: ResolvedModel, threads = 1, cacheDir?: string): Promise<Embedder> {
  const data: MiniLmData = { modelPath: model.file("model.onnx"), tokenizerPath: model.file("tokenizer.json") };
  const executor = createExecutor<MiniLmApi>({ module: new URL("./minilm.worker.ts", import.meta.url), data, threads });
  const version = model.manifest.files.map((file) => file.sha256.slice(0, 16)).join("-");
  const file = cacheDir === undefined ? undefined : vectorFile(join(cacheDir, "embeddings", `${version}.bin`), dimensions);
  const kept = (await file?.read()) ?? new Map<string, Float32Array>();
  try {
    await executor.ready();
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw error;
  }

  async function embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
    const batches: (readonly string[])[] = [];
    for (let at = 0; at < texts.length; at += batchTexts) batches.push(texts.slice(at, at + batchTexts));
    const runOptions = { deadlineMs: options.deadlineMs, ...(options.signal && { signal: options.signal }) };
    const vectors: Float32Array[] = [];
    for (const batch of batches) {
      const flat = await executor.run("embed", batch, runOptions);
      batch.forEach((_, index) => {
        vectors.push(flat.subarray(index * dimensions, (index + 1) * dimensions));
      });
    }
    return vectors;
  }

  async function embedKept(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
    const keys = texts.map((text) => createHash("sha256").update(text).digest("hex"));
    const missing = [...new Map(keys.map((key, index) => [key, texts[index] as string])).entries()].filter(([key]) => !kept.has(key));
    const vectors = await embed(
      missing.map(([, text]) => text),
      options,
    );
    missing.forEach(([key], index) => {
      kept.set(key, vectors[index] as Float32Array);
    });
    if (missing.length > 0) await file?.write(kept).catch(() => undefined);
    return keys.map((key) => kept.get(key) as Float32Array);
  }

  return { embed, embedKept, [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose]() };
}
