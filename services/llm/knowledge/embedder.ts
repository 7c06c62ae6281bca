import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { createExecutor, type RunOptions } from "@troupe/executor";
import type { ResolvedModel } from "@troupe/model-store";
import { z } from "zod";
import type { EmbeddingApi, EmbeddingData, EncodedText } from "./embedding.worker.ts";
import { vectorFile } from "./vector-file.ts";

export type { EncodedText } from "./embedding.worker.ts";

/** Whether a text asks or tells: the model was trained to tell the two apart. */
export type TextRole = "question" | "passage";

/** Turns folded texts into unit vectors whose dot product is their likeness in meaning. */
export interface Embedder extends AsyncDisposable {
  /** @throws ServiceError DEADLINE, CANCELLED, BACKEND_FAILED, QUEUE_FULL */
  embed(texts: readonly string[], role: TextRole, options: EmbedOptions): Promise<Float32Array[]>;
  /** The same, kept by content, in memory and in the cache folder: for documents, not for questions. */
  embedKept(texts: readonly string[], role: TextRole, options: EmbedOptions): Promise<Float32Array[]>;
  /** Sentence and token vectors of texts. */
  encode(texts: readonly string[], role: TextRole, options: EmbedOptions): Promise<EncodedText[]>;
}

export interface EmbedOptions {
  /** Absolute, on performance.now(). */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Texts of one job: small enough that a question never waits long behind a document. */
const batchTexts = 4;

const usageSchema = z.strictObject({
  questionPrefix: z.string(),
  passagePrefix: z.string(),
  maxTokens: z.number().int().min(16).max(8192),
});

/**
 * Sentence embeddings in worker threads, e.g. multilingual-e5-small (Wang et al. 2024, Multilingual E5 Text Embeddings), 384 numbers.
 * @param model holds model.onnx (ids to hidden states), tokenizer.json and embedding.json
 * @param cacheDir where vectors of documents are kept between runs; undefined: nowhere
 * @throws ServiceError BACKEND_FAILED, INVALID_CONFIG
 */
export async function createEmbedder(model: ResolvedModel, threads = 1, cacheDir?: string): Promise<Embedder> {
  const usage = await readUsage(model.file("embedding.json"));
  const data: EmbeddingData = {
    modelPath: model.file("model.onnx"),
    tokenizerPath: model.file("tokenizer.json"),
    maxTokens: usage.maxTokens,
  };
  const executor = createExecutor<EmbeddingApi>({ module: new URL("./embedding.worker.ts", import.meta.url), data, threads });
  const version = model.manifest.files.map((file) => file.sha256.slice(0, 16)).join("-");
  const file = cacheDir === undefined ? undefined : vectorFile(join(cacheDir, "embeddings", `${version}.bin`), dimensions);
  const kept = (await file?.read()) ?? new Map<string, Float32Array>();
  const prefixOf = (role: TextRole) => (role === "question" ? usage.questionPrefix : usage.passagePrefix);
  try {
    await executor.ready();
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw error;
  }

  async function embed(texts: readonly string[], role: TextRole, options: EmbedOptions): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (const batch of batchesOf(texts)) {
      const flat = await executor.run("embed", { prefix: prefixOf(role), texts: batch }, runOptions(options));
      batch.forEach((_, index) => {
        vectors.push(flat.subarray(index * dimensions, (index + 1) * dimensions));
      });
    }
    return vectors;
  }

  async function embedKept(texts: readonly string[], role: TextRole, options: EmbedOptions): Promise<Float32Array[]> {
    const keys = texts.map((text) =>
      createHash("sha256")
        .update(prefixOf(role) + text)
        .digest("hex"),
    );
    const missing = [...new Map(keys.map((key, index) => [key, texts[index] as string])).entries()].filter(([key]) => !kept.has(key));
    const vectors = await embed(
      missing.map(([, text]) => text),
      role,
      options,
    );
    missing.forEach(([key], index) => {
      kept.set(key, vectors[index] as Float32Array);
    });
    if (missing.length > 0) await file?.write(kept).catch(() => undefined);
    return keys.map((key) => kept.get(key) as Float32Array);
  }

  async function encode(texts: readonly string[], role: TextRole, options: EmbedOptions): Promise<EncodedText[]> {
    const encoded: EncodedText[] = [];
    for (const batch of batchesOf(texts)) {
      encoded.push(...(await executor.run("encode", { prefix: prefixOf(role), texts: batch }, runOptions(options))));
    }
    return encoded;
  }

  return { embed, embedKept, encode, [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose]() };
}

const dimensions = 384;

function* batchesOf(texts: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < texts.length; at += batchTexts) yield texts.slice(at, at + batchTexts);
}

function runOptions({ deadlineMs, signal }: EmbedOptions): RunOptions {
  return { deadlineMs, ...(signal && { signal }) };
}

async function readUsage(path: string): Promise<z.infer<typeof usageSchema>> {
  const parsed = usageSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!parsed.success) throw new ServiceError("INVALID_CONFIG", `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
