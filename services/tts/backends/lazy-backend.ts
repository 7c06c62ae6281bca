import type { TtsBackend, Voice } from "./backend.ts";
import { voiceSampleRateHz } from "./voice-format.ts";

export interface LazyBackendOptions {
  readonly name: string;
  readonly voices: readonly Voice[];
  load(): Promise<TtsBackend>;
}

/** A backend that is loaded by the first clause it gets; a load that failed is tried again by the next one. */
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
      yield* (await loaded()).synthesize(clause, options);
    },
    async [Symbol.asyncDispose]() {
      await loading?.then(
        (backend) => backend[Symbol.asyncDispose](),
        () => undefined,
      );
    },
  };
}
