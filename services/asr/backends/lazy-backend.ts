import { ServiceError } from "@troupe/errors";
import type { AsrBackend, TranscribeOptions } from "./backend.ts";
import { checkRequest, untilDeadline } from "./transcribe-request.ts";

export interface LazyBackendOptions {
  readonly name: string;
  readonly languages: readonly string[];
  readonly maxAudioMs: number;
  readonly load: () => Promise<AsrBackend>;
}

/**
 * A backend that loads when it is first needed; a load that failed is tried again by the next request. Who does not wait for the load
 * any longer, by signal or deadline, leaves it to the others.
 */
export function createLazyBackend({ load, ...description }: LazyBackendOptions): AsrBackend {
  let loading: Promise<AsrBackend> | undefined;
  let closed = false;
  const loaded = async (request: TranscribeOptions) => {
    if (closed) throw new ServiceError("CANCELLED", "the backend is closed");
    loading ??= load().catch((thrown: unknown) => {
      loading = undefined;
      throw thrown;
    });
    const { promise: given, reject: giveUp } = Promise.withResolvers<never>();
    const signal = untilDeadline(request);
    const onAbort = () => giveUp(ServiceError.from(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([loading, given]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
  return {
    ...description,
    async transcribe(samples, request) {
      checkRequest(description, samples, request);
      return await (await loaded(request)).transcribe(samples, request);
    },
    async detectLanguage(samples, request) {
      checkRequest(description, samples, request);
      const backend = await loaded(request);
      return (await backend.detectLanguage?.(samples, request)) ?? { language: description.languages[0] as string, probability: 1 };
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await loading?.then(
        (backend) => backend[Symbol.asyncDispose](),
        () => undefined,
      );
    },
  };
}
