import type { ResolvedModel } from "@troupe/model-store";
import { createEmbedder, type Embedder, type EmbedOptions } from "./embedder.ts";
import { emptyKnowledge, type Knowledge, loadKnowledge } from "./load-knowledge.ts";
import { passagesOf } from "./passage.ts";
import { createRetriever, type Retriever } from "./retriever.ts";
import { createTokenEncoders } from "./token-likeness.ts";

export interface KnowledgeBaseOptions {
  /** A folder per tenant; see loadKnowledge. */
  readonly knowledgeDir: string;
  /** See createEmbedder. */
  readonly model: ResolvedModel;
  /** Worker threads for embeddings, each with the model in memory. Default 1. */
  readonly threads?: number;
  /** Where vectors of documents are kept between runs; undefined: nowhere. */
  readonly cacheDir?: string;
}

/** One tenant's documents and answers, ready to be searched. Holds nothing of another tenant. */
export interface TenantKnowledge extends Retriever {
  readonly knowledge: Knowledge;
}

/** The documents of all tenants, in memory. */
export interface KnowledgeBase extends AsyncDisposable {
  readonly embedder: Embedder;
  /** Those with a folder. */
  readonly tenants: readonly string[];
  /** A tenant without a folder has no documents and a neutral persona. */
  tenant(name: string): TenantKnowledge;
}

/**
 * Reads and embeds all documents; nothing is read from disk later.
 * @throws ServiceError INVALID_CONFIG for a broken document or persona, BACKEND_FAILED for the model
 */
export async function createKnowledgeBase(options: KnowledgeBaseOptions): Promise<KnowledgeBase> {
  const knowledgeByTenant = await loadKnowledge(options.knowledgeDir);
  const embedder = await createEmbedder(options.model, options.threads, options.cacheDir);
  const encoders = createTokenEncoders(embedder);
  const loading: EmbedOptions = { deadlineMs: Number.POSITIVE_INFINITY };
  const byTenant = new Map<string, TenantKnowledge>();
  const prepare = async (knowledge: Knowledge): Promise<TenantKnowledge> => ({
    knowledge,
    ...(await createRetriever(passagesOf(knowledge.documents, knowledge.answers), embedder, encoders, loading)),
  });
  try {
    for (const [name, knowledge] of knowledgeByTenant) byTenant.set(name, await prepare(knowledge));
    const stranger = await prepare(emptyKnowledge(""));
    return {
      embedder,
      tenants: [...byTenant.keys()],
      tenant: (name) => byTenant.get(name) ?? stranger,
      [Symbol.asyncDispose]: () => embedder[Symbol.asyncDispose](),
    };
  } catch (error) {
    await embedder[Symbol.asyncDispose]();
    throw error;
  }
}
