import { ServiceError } from "@troupe/errors";
import type { AsrBackend } from "./backend.ts";
import { checkRequest } from "./transcribe-request.ts";

export interface LazyBackendOptions {
  readonly name: string;
  readonly languages: readonly string[];
  readonly maxAudioMs: number;
  readonly load: () => Promise<AsrBackend>;
}

/** A backend that loads when it is first needed; a load that failed is tried again by the next request. */
export function createLazyBackend({ load, ...description }: LazyBackendOptions): AsrBackend {
  let loading: Promise<AsrBackend> | undefined;
  let closed = false;
  const loaded = async () => {
    if (closed) throw new ServiceError("CANCELLED", "the backend is closed");
    loading ??= load().catch((thrown: unknown) => {
      loading = undefined;
      throw thrown;
    });
    return await loading;
  };
  return {
    ...description,
    async transcribe(samples, request) {
      checkRequest(description, samples, request);
      return await (await loaded()).transcribe(samples, request);
    },
    async detectLanguage(samples, request) {
      checkRequest(description, samples, request);
      const backend = await loaded();
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
