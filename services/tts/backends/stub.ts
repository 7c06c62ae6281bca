import { ServiceError } from "@troupe/errors";
import type { SynthesizedSlice, TimedText, TtsBackend, Voice } from "./backend.ts";
import { checkClause, nothingToSay } from "./clause-check.ts";
import { sliceDeadlineMs } from "./slice-deadline.ts";

export interface StubOptions {
  /** BCP-47; default English. */
  readonly languages?: readonly string[];
  /** Default "hum". */
  readonly voice?: string;
}

const sampleRateHz = 24_000;
const phoneMs = 60;
const gapMs = 40;
const wordsPerSlice = 8;
const letterPhones: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: "æ", c: "k", e: "ɛ", g: "ɡ", i: "ɪ", j: "dʒ", o: "ɑ", q: "k", r: "ɹ", u: "ʌ", x: "s", y: "j" }),
);

/** "tone700" is hummed at 700 Hz without a break, so that whose words sound can be told from the sound. */
const markWord = /^\P{L}*tone(\d{3,4})\P{L}*$/iu;
const markFadeMs = 10;

/** Hums one tone a word, one phone a letter: no model, the same sound every time. For tests and benchmarks. */
export function createStubBackend({ languages = ["en"], voice = "hum" }: StubOptions = {}): TtsBackend {
  const voices: readonly Voice[] = [{ id: voice, languages }];
  return {
    name: "stub",
    sampleRateHz,
    voices,
    async *synthesize(clause, { deadlineMs, signal }) {
      const { text, rate } = checkClause(clause, voices);
      const words = text.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
      if (words.length === 0) throw nothingToSay();
      let offset = 0;
      for (let from = 0; from < words.length; from += wordsPerSlice) {
        if (signal?.aborted) throw ServiceError.from(signal.reason);
        if (performance.now() > sliceDeadlineMs(deadlineMs, from === 0))
          throw new ServiceError("DEADLINE", "the clause could not be spoken in time");
        const slice = hum(words.slice(from, from + wordsPerSlice), rate, offset);
        offset += slice.samples.length;
        yield slice;
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

function hum(spoken: readonly string[], rate: number, offset: number): SynthesizedSlice {
  const parts: number[][] = [];
  const words: TimedText[] = [];
  const phones: TimedText[] = [];
  let position = offset;
  const countOf = (ms: number) => Math.round((ms * sampleRateHz) / 1000 / rate);
  const speak = (text: string, ms: number, pitchHz?: number) => {
    const count = countOf(ms);
    if (pitchHz !== undefined) parts.push(tone(count, pitchHz));
    phones.push({ text, startUs: toUs(position), endUs: toUs(position + count) });
    position += count;
  };
  for (const word of spoken) {
    const start = position;
    const letters = word.toLowerCase().match(/[\p{L}\p{N}]/gu) ?? [];
    const markHz = markOf(word);
    if (markHz !== undefined) parts.push(tone(letters.length * countOf(phoneMs), markHz, countOf(markFadeMs)));
    for (const letter of letters) speak(phoneOf(letter), phoneMs, markHz === undefined ? pitchOf(word) : undefined);
    words.push({ text: word, startUs: toUs(start), endUs: toUs(position) });
    speak("", gapMs, 0);
  }
  return { samples: Float32Array.from(parts.flat()), words, phones };
}

function phoneOf(letter: string): string {
  return letterPhones.get(letter) ?? (/^[a-z]$/.test(letter) ? letter : "ə");
}

function markOf(word: string): number | undefined {
  const hz = markWord.exec(word)?.[1];
  return hz === undefined ? undefined : Number(hz);
}

/** 110 to 220 Hz. */
function pitchOf(word: string): number {
  let sum = 0;
  for (const character of word) sum += character.codePointAt(0) ?? 0;
  return 110 + (sum % 111);
}

/** @param fadeCount samples over which it fades in, and out; default: half of it, so that phones can be told apart */
function tone(count: number, pitchHz: number, fadeCount = count / 2): number[] {
  const gain = (n: number) => Math.sin((Math.PI / 2) * Math.min(1, n / fadeCount, (count - n) / fadeCount));
  return Array.from({ length: count }, (_, n) => 0.2 * gain(n) * Math.sin((2 * Math.PI * pitchHz * n) / sampleRateHz));
}

function toUs(samples: number): number {
  return Math.round((samples * 1_000_000) / sampleRateHz);
}
