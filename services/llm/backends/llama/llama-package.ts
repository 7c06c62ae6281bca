import { ServiceError } from "@troupe/errors";

/** The release that this backend was tried with; with its binaries for all systems it takes 700 MB, so it is not installed by default. */
const release = "3.22.1";

/** What is used of node-llama-cpp. */
export interface LlamaPackage {
  getLlama(options: { gpu: "auto" | false; build: "never"; skipDownload: true; logLevel: "error" }): Promise<Llama>;
  readonly LlamaChatSession: new (options: { contextSequence: LlamaSequence; autoDisposeSequence: false }) => LlamaSession;
}

export interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

export interface LlamaModel {
  tokenize(text: string): readonly number[];
  createContext(options: { sequences: number; contextSize: number; threads: number }): Promise<LlamaContext>;
  dispose(): Promise<void>;
}

export interface LlamaContext {
  getSequence(): LlamaSequence;
  dispose(): Promise<void>;
}

export interface LlamaSequence {
  clearHistory(): Promise<void>;
  /** Gives its place back to the context. */
  dispose(): Promise<void>;
}

export type ChatHistoryItem =
  | { readonly type: "system" | "user"; readonly text: string }
  | { readonly type: "model"; readonly response: readonly string[] };

export interface LlamaSession {
  setChatHistory(history: readonly ChatHistoryItem[]): void;
  prompt(
    text: string,
    options: {
      maxTokens: number;
      temperature: number;
      signal: AbortSignal;
      stopOnAbortSignal: true;
      budgets: { thoughtTokens: number };
      onResponseChunk: (chunk: { readonly type?: "segment" | undefined; readonly text: string }) => void;
    },
  ): Promise<string>;
  dispose(): void;
}

/**
 * Imports node-llama-cpp, which is installed apart.
 * @param name of the package, or the absolute path of its entry file
 * @throws ServiceError INVALID_CONFIG saying what to install
 */
export async function importLlama(name: string): Promise<LlamaPackage> {
  try {
    return (await import(name)) as LlamaPackage;
  } catch (error) {
    const command = `npm install --no-save --ignore-scripts node-llama-cpp@${release}`;
    throw new ServiceError("INVALID_CONFIG", `the llama backend needs node-llama-cpp: ${command}`, { cause: error });
  }
}
