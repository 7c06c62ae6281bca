import type { SpeechChunk, TimedPhone } from "./backend.ts";

/** Speech for tests: phones with a sound whose level follows them. */
export interface SyntheticSpeech {
  readonly samples: Int16Array;
  readonly sampleRateHz: number;
  readonly phones: readonly TimedPhone[];
}

const sampleRateHz = 24_000;

/** Phones of equal length, separated by blanks, "_" for silence: vowels loud, consonants soft. */
export function hum(symbols: string, phoneMs: number): SyntheticSpeech {
  const list = symbols.split(" ").map((symbol) => (symbol === "_" ? "" : symbol));
  const perPhone = (phoneMs * sampleRateHz) / 1000;
  const phones = list.map((symbol, n) => ({ symbol, startUs: n * phoneMs * 1000, endUs: (n + 1) * phoneMs * 1000 }));
  const samples = Int16Array.from({ length: perPhone * list.length }, (_, n) => {
    const symbol = list[Math.floor(n / perPhone)] as string;
    const level = symbol === "" ? 0 : /^[aæɑəɛeiɪoɔuʊʌ]/u.test(symbol) ? 6_000 : 900;
    return Math.round(level * Math.sin((2 * Math.PI * 160 * n) / sampleRateHz));
  });
  return { samples, sampleRateHz, phones };
}

/** The speech with silence before it. */
export function delayed(speech: SyntheticSpeech, delayMs: number): SyntheticSpeech {
  const delay = (delayMs * speech.sampleRateHz) / 1000;
  const samples = new Int16Array(delay + speech.samples.length);
  samples.set(speech.samples, delay);
  const shift = (us: number) => us + delayMs * 1000;
  const phones = speech.phones.map(({ symbol, startUs, endUs }) => ({ symbol, startUs: shift(startUs), endUs: shift(endUs) }));
  return { ...speech, samples, phones: [{ symbol: "", startUs: 0, endUs: delayMs * 1000 }, ...phones] };
}

/** Cuts speech into chunks of the sizes, which repeat; each phone goes with the chunk it starts in. */
export function* chunksOf(speech: Pick<SyntheticSpeech, "samples" | "phones">, sizes: readonly number[]): Generator<SpeechChunk> {
  for (let from = 0, index = 0; from < speech.samples.length; index++) {
    const to = Math.min(speech.samples.length, from + (sizes[index % sizes.length] as number));
    const [startUs, endUs] = [(from * 1_000_000) / sampleRateHz, (to * 1_000_000) / sampleRateHz];
    const phones = speech.phones.filter((phone) => phone.startUs >= startUs && phone.startUs < endUs);
    yield { ptsUs: Math.round(startUs), samples: speech.samples.slice(from, to), sampleRateHz, phones };
    from = to;
  }
}
