import { ServiceError } from "@troupe/errors";
import { createExecutor, type Executor } from "@troupe/executor";
import type { ResolvedModel } from "@troupe/model-store";
import type { FaceBackend } from "../backend.ts";
import { createGapFiller } from "../fill-gap.ts";
import { refuseAborted, whileWanted } from "../while-wanted.ts";
import { createListener, type Hear, type Listener } from "./listener.ts";
import { readMouthNetLayout } from "./mouth-net.ts";
import type { MouthNetApi } from "./mouth-net.worker.ts";

export interface AudioBackendOptions {
  /** "mouth-net". */
  readonly model: ResolvedModel;
  /** Worker threads; each loads the network (4 MB). Default 1. */
  readonly threads?: number;
}

const runBudgetMs = 10_000;

/**
 * Facial motion from the sound alone, for speech whose phones nobody tells: a small causal network hears phones 20 ms by 20 ms, and the
 * phones move the mouth as those of a synthesised voice do. Phones that come with the speech are ignored. Same speech, same frames,
 * however it is cut; a frame follows once 80 ms of speech beyond it are there. Resolves when every worker has loaded.
 * @throws ServiceError BACKEND_FAILED
 */
export async function createAudioBackend({ model, threads = 1 }: AudioBackendOptions): Promise<FaceBackend> {
  const files = { network: model.file("mouth-net.onnx"), layout: model.file("mouth-net.layout") };
  const layout = await readMouthNetLayout(files.layout);
  const executor = createExecutor<MouthNetApi>({ module: new URL("./mouth-net.worker.ts", import.meta.url), data: files, threads });
  const firstState = await executor
    .ready()
    .then(() => executor.run("begin", undefined, { deadlineMs: performance.now() + runBudgetMs }))
    .catch(async (error: unknown) => {
      await executor[Symbol.asyncDispose]();
      throw new ServiceError("BACKEND_FAILED", "the network of the mouth could not be loaded", { cause: error });
    });

  return {
    name: "audio",
    async *animate(speech, { framesPerSecond, signal }) {
      let listener: Listener | undefined;
      const fillGap = createGapFiller();
      try {
        for await (const chunk of speech) {
          refuseAborted(signal);
          listener ??= await createListener({ first: chunk, framesPerSecond, layout, firstState, hear: hearWith(executor, signal) });
          const silence = fillGap(chunk);
          if (silence.length > 0) yield* whileWanted(await listener.push(silence), signal);
          yield* whileWanted(await listener.push(chunk.samples, chunk.delivery), signal);
        }
        refuseAborted(signal);
        if (listener) yield* whileWanted(await listener.finish(), signal);
      } finally {
        listener?.[Symbol.dispose]();
      }
    },
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}

function hearWith(executor: Executor<MouthNetApi>, signal: AbortSignal | undefined): Hear {
  return (state, samples) =>
    executor.run("hear", { state, samples }, { deadlineMs: performance.now() + runBudgetMs, ...(signal && { signal }) });
}
