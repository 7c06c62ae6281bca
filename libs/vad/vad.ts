import { isServiceError, ServiceError } from "@troupe/errors";
import { createExecutor, type Executor } from "@troupe/executor";
import type { ResolvedModel } from "@troupe/model-store";
import type { Detect, SileroOptions } from "./silero.worker.ts";
import { CONTEXT_SAMPLES, STATE_SIZE, WINDOW_SAMPLES, WINDOW_US } from "./silero-frame.ts";
import type { SpeechWindow } from "./speech-window.ts";

export interface VadOptions {
  /** The model silero-vad of the store. */
  readonly model: ResolvedModel;
  /** Worker threads, shared by all streams. Default 1: one core serves over a hundred streams. */
  readonly threads?: number;
  /** How long a push may wait for a thread before it fails with DEADLINE. Default 1000. */
  readonly patienceMs?: number;
}

/** Voice activity detection. Closing it fails the pushes that still wait. */
export interface Vad extends AsyncDisposable {
  open(options?: VadStreamOptions): VadStream;
}

export interface VadStreamOptions {
  /** The time of the first sample. Default 0. */
  readonly startUs?: number;
}

/** One speaker's sound. Keeps the model's state between pushes, which may overlap and are done in order. */
export interface VadStream {
  /**
   * @param samples mono, 16 kHz, -1..1, any number; what does not fill a window of 32 ms waits for the next push
   * @throws ServiceError CANCELLED after close, QUEUE_FULL, DEADLINE, BACKEND_FAILED; the windows of a failed push are lost
   */
  push(samples: Float32Array): Promise<readonly SpeechWindow[]>;
  close(): void;
}

type VadExecutor = Executor<{ detect: Detect }>;

/** Silero VAD through ONNX Runtime in worker threads. Resolves when the model is loaded. */
export async function createVad(options: VadOptions): Promise<Vad> {
  const data: SileroOptions = { model: options.model.file("silero_vad_16k_op15.onnx") };
  const module = new URL("./silero.worker.ts", import.meta.url);
  const executor: VadExecutor = createExecutor({ module, data, threads: options.threads ?? 1 });
  try {
    await executor.ready();
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw asBackendError(error);
  }
  return {
    open: (streamOptions) => openStream(executor, streamOptions?.startUs ?? 0, options.patienceMs ?? 1000),
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}

function openStream(executor: VadExecutor, startUs: number, patienceMs: number): VadStream {
  const closing = new AbortController();
  let state: Float32Array = new Float32Array(STATE_SIZE);
  /** The context of the next window and the samples that do not fill it yet. */
  let pending: Float32Array = new Float32Array(CONTEXT_SAMPLES);
  let nextUs = startUs;
  let last: Promise<unknown> = Promise.resolve();

  async function detect(samples: Float32Array): Promise<readonly SpeechWindow[]> {
    const joined = join(pending, samples);
    const windows = Math.floor((joined.length - CONTEXT_SAMPLES) / WINDOW_SAMPLES);
    pending = joined.slice(windows * WINDOW_SAMPLES);
    if (windows === 0) return [];
    const firstUs = nextUs;
    nextUs += windows * WINDOW_US;
    const argument = { samples: joined.subarray(0, CONTEXT_SAMPLES + windows * WINDOW_SAMPLES), state };
    const run = { deadlineMs: performance.now() + patienceMs, signal: closing.signal };
    const result = await executor.run("detect", argument, run).catch((error: unknown) => {
      throw asBackendError(error);
    });
    state = result.state;
    return result.probabilities.map((probability, index) => ({ ptsUs: firstUs + index * WINDOW_US, durationUs: WINDOW_US, probability }));
  }

  return {
    push(samples) {
      if (closing.signal.aborted) return Promise.reject(ServiceError.from(closing.signal.reason));
      const result = last.then(() => detect(samples));
      last = result.catch(() => undefined);
      return result;
    },
    close: () => closing.abort(new ServiceError("CANCELLED", "the stream is closed")),
  };
}

function join(head: Float32Array, tail: Float32Array): Float32Array {
  const joined = new Float32Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}

function asBackendError(error: unknown): ServiceError {
  if (isServiceError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ServiceError("BACKEND_FAILED", `voice activity detection failed: ${message}`, { cause: error });
}
