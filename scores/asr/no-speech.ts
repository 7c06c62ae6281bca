import type { AsrBackend } from "@troupe/asr/backends";
import { createEndpointer, createVad } from "@troupe/vad";
import type { Score } from "../score.ts";
import { type AsrContext, sampleRateHz } from "./area-context.ts";
import { pinkNoise, whiteNoise } from "./noise.ts";
import { transcribe } from "./recognise-set.ts";

const lengthS = 60;
/** As long as what an endpointer would let through. */
const pieceS = 4;

/** Words heard where nobody speaks: a minute each of noise, tones and silence, in pieces straight to recognition, and through the VAD. */
export async function* measureNoSpeech(context: AsrContext): AsyncIterable<Score> {
  await using guarded = await context.open("whisper-tiny-en");
  await using unguarded = await context.open("whisper-tiny-en", {
    thresholds: {
      certainNoSpeechProbability: 2,
      noSpeechProbability: 2,
      logProbability: Number.NEGATIVE_INFINITY,
      compressionRatio: Number.POSITIVE_INFINITY,
    },
  });
  await using base = await context.open("whisper-base", { languages: ["en", "zh"] });
  await using vad = await createVad({ model: await context.models.resolve("silero-vad"), patienceMs: 600_000 });
  for (const [name, samples] of sounds()) {
    const pieces = cut(samples);
    const heard = await countWords(pieces, guarded, context.signal);
    const bare = await countWords(pieces, unguarded, context.signal);
    const baseHeard = await countWords(pieces, base, context.signal);
    const endpointer = createEndpointer();
    const windows = await vad.open().push(samples);
    const onsets = windows.flatMap((window) => endpointer.push(window)).filter((event) => event.kind === "onset").length;
    yield {
      id: `no-speech-${name}`,
      what: `words heard in ${lengthS} s of ${name}, whisper-tiny-en without VAD`,
      set: { name, kind: "synthetic", size: `${pieces.length} pieces of ${pieceS} s` },
      value: heard,
      unit: "words",
      better: "lower",
      aim: 0,
      baseline: { name: "without guards", value: bare },
      note: `whisper-base with detection hears ${baseHeard}; the VAD lets ${onsets} utterances through, so that the whole hears ${onsets === 0 ? "none" : "at most those"}.`,
    };
  }
}

function sounds(): ReadonlyMap<string, Float32Array> {
  const length = lengthS * sampleRateHz;
  const white = whiteNoise(length, 1).map((value) => value * 0.05);
  const pink = pinkNoise(length, 2).map((value) => value * 0.02);
  const half = length / 2;
  const noise = Float32Array.from({ length }, (_, index) => (index < half ? white[index] : pink[index]) as number);
  return new Map([
    ["noise (white, then pink)", noise],
    ["tones (telephone keys, dial tone, sweep)", tones(length)],
    ["silence (digital, then at -80 dB)", whiteNoise(length, 3).map((value, index) => (index < half ? 0 : value * 1e-4))],
  ]);
}

const rowsHz = [697, 770, 852, 941];
const columnsHz = [1209, 1336, 1477];

/** A third each: keys of 200 ms with 100 ms between, a steady 440 Hz, a sweep from 100 Hz to 4 kHz and back every 2 s. */
function tones(length: number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length }, (_, index) => {
    const s = index / sampleRateHz;
    const sine = (hertz: number) => Math.sin(2 * Math.PI * hertz * s);
    if (s < lengthS / 3) {
      const key = Math.floor(s / 0.3);
      return s % 0.3 < 0.2 ? 0.2 * (sine(rowsHz[key % 4] as number) + sine(columnsHz[key % 3] as number)) : 0;
    }
    if (s < (2 * lengthS) / 3) return 0.3 * sine(440);
    phase += (2 * Math.PI * (100 + 3900 * Math.abs((s % 2) - 1))) / sampleRateHz;
    return 0.3 * Math.sin(phase);
  });
}

function cut(samples: Float32Array): readonly Float32Array[] {
  const size = pieceS * sampleRateHz;
  return Array.from({ length: samples.length / size }, (_, index) => samples.subarray(index * size, (index + 1) * size));
}

async function countWords(pieces: readonly Float32Array[], backend: AsrBackend, signal: AbortSignal): Promise<number> {
  let count = 0;
  for (const piece of pieces) count += (await transcribe(piece, { backend, signal })).words.length;
  return count;
}
