import { ServiceError } from "@troupe/errors";
import type { SynthesizeOptions, TtsBackend, Voice } from "./backend.ts";
import { voiceSampleRateHz } from "./voice-format.ts";

export interface LazyBackendOptions {
  readonly name: string;
  readonly voices: readonly Voice[];
  load(): Promise<TtsBackend>;
}

/**
 * A backend that is loaded by the first clause it gets; a load that failed is tried again by the next one. Who does not wait for the
 * load any longer, by signal or deadline, leaves it to the others.
 */
export function createLazyBackend({ name, voices, load }: LazyBackendOptions): TtsBackend {
  let loading: Promise<TtsBackend> | undefined;
  const loaded = () => {
    loading ??= load().catch((thrown) => {
      loading = undefined;
      throw thrown;
    });
    return loading;
  };
  return {
    name,
    sampleRateHz: voiceSampleRateHz,
    voices,
    async *synthesize(clause, options) {
      yield* (await given(loaded(), options)).synthesize(clause, options);
    },
    async [Symbol.asyncDispose]() {
      await loading?.then(
        (backend) => backend[Symbol.asyncDispose](),
        () => undefined,
      );
    },
  };
}

/** What the promise gives, as long as somebody waits for it. @throws ServiceError CANCELLED, DEADLINE */
async function given<T>(promise: Promise<T>, { deadlineMs, signal }: SynthesizeOptions): Promise<T> {
  const { promise: never, reject: giveUp } = Promise.withResolvers<never>();
  const onAbort = () => giveUp(ServiceError.from(signal?.reason));
  const remainingMs = Math.min(2 ** 31 - 1, Math.max(0, deadlineMs - performance.now()));
  const timer = setTimeout(() => giveUp(new ServiceError("DEADLINE", "the voice could not be loaded in time")), remainingMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    return await Promise.race([promise, never]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
