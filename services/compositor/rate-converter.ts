import { createResampler, floatToPcm16, pcm16ToFloat } from "@troupe/audio";

/** Brings one stream of 16-bit samples to another rate. */
export interface RateConverter extends Disposable {
  push(samples: Int16Array): Int16Array;
  /** The rest of the stream. */
  flush(): Int16Array;
}

/** @throws ServiceError AUDIO_FORMAT for rates that no sound has */
export async function createRateConverter(fromHz: number, toHz: number): Promise<RateConverter> {
  if (fromHz === toHz) return { push: (samples) => samples, flush: () => new Int16Array(), [Symbol.dispose]: () => undefined };
  const resampler = await createResampler({ fromHz, toHz });
  return {
    push: (samples) => floatToPcm16(resampler.push(pcm16ToFloat(samples))),
    flush: () => floatToPcm16(resampler.flush()),
    [Symbol.dispose]: () => resampler[Symbol.dispose](),
  };
}
