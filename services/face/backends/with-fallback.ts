import type { AnimateOptions, FaceBackend, MotionFrame, SpeechChunk } from "./backend.ts";

/** No backend shows its first frame before so much speech is there, so looking for phones in it costs no time. */
const decisionUs = 80_000;

/**
 * Responses whose voice tells its phones are animated by `phones`, the others by `audio`. A response is taken for one without phones
 * if none starts in its first 80 ms, silence included; so the choice hangs on the speech alone, not on how it is cut.
 * Disposes of both.
 */
export function withFallback(phones: FaceBackend, audio: FaceBackend): FaceBackend {
  return {
    name: `${phones.name}+${audio.name}`,
    animate: (speech, options) => animate(phones, audio, speech, options),
    async [Symbol.asyncDispose]() {
      await Promise.all([phones[Symbol.asyncDispose](), audio[Symbol.asyncDispose]()]);
    },
  };
}

async function* animate(
  phones: FaceBackend,
  audio: FaceBackend,
  speech: AsyncIterable<SpeechChunk>,
  options: AnimateOptions,
): AsyncGenerator<MotionFrame> {
  const source = speech[Symbol.asyncIterator]();
  const first: SpeechChunk[] = [];
  let told = false;
  try {
    for (;;) {
      const { done, value } = await source.next();
      if (done) break;
      first.push(value);
      const untilUs = (first[0] as SpeechChunk).ptsUs + decisionUs;
      told = value.phones.some(({ startUs }) => startUs < untilUs);
      if (told || value.ptsUs + (value.samples.length * 1_000_000) / value.sampleRateHz >= untilUs) break;
    }
    yield* (told ? phones : audio).animate(joined(first, source), options);
  } finally {
    await source.return?.(undefined);
  }
}

async function* joined(first: readonly SpeechChunk[], rest: AsyncIterator<SpeechChunk>): AsyncGenerator<SpeechChunk> {
  yield* first;
  for (;;) {
    const { done, value } = await rest.next();
    if (done) return;
    yield value;
  }
}
