import { isServiceError, type Reason } from "@troupe/errors";
import { describe, expect, it } from "vitest";
import type { ClauseRequest, SynthesizedSlice, TimedText, TtsBackend } from "./backend.ts";

const enoughMs = 60_000;
const sentence = "The museum opens at nine in the morning, and it closes at six in the evening; ";

/** Texts that no caller should send, and some do. They are spoken or refused, never a crash. */
const hostileTexts: readonly (readonly [string, string])[] = [
  ["emoji", "🙂🎟️👩‍👩‍👧‍👦 🇩🇪 ❓"],
  ["control characters", "open\u0000 on\u0007 \u001b[31mSunday\u202e\ufeff\u2028?"],
  ["1,000 letters without a blank", "a".repeat(1_000)],
  ["300 digits", "1".repeat(300)],
  ["1,000 quotation marks", "'\"".repeat(500)],
  ["1,000 full stops", ".".repeat(1_000)],
  ["1,000 hyphenated letters", "a-".repeat(500)],
  ["markup", '<speak><break time="99s"/>Hello <b>you</b></speak> [a](b) **c** `d` &amp; {{e}}'],
  ["open brackets", "[](<".repeat(250)],
  ["lone surrogates", "when \ud83d are you \udc00 open"],
  ["names of object properties", "__proto__ constructor toString hasOwnProperty NNP"],
  ["other scripts", "博物馆几点开门？ متى تفتحون 12:99 99/99/99 $ £. -5,,5..5"],
];

export interface ConformanceOptions {
  /** How often the sentence of the long text is repeated; default 5. Fewer for a backend that takes seconds for a sentence. */
  readonly repetitions?: number;
  /** How many slices of a hostile text are heard before the caller breaks off; default all. */
  readonly hostileSlices?: number;
}

/** What every TtsBackend does. `create` makes a fresh backend that speaks English; the suite disposes of it. */
export function describeTtsBackend(
  name: string,
  create: () => Promise<TtsBackend>,
  { repetitions = 5, hostileSlices = Number.POSITIVE_INFINITY }: ConformanceOptions = {},
): void {
  const longText = sentence.repeat(repetitions).trim();
  const clause = (text: string, change: Partial<ClauseRequest> = {}): ClauseRequest => ({
    text,
    language: "en-US",
    voice: "",
    rate: 1,
    ...change,
  });
  const speak = (backend: TtsBackend, request: ClauseRequest) =>
    Array.fromAsync(backend.synthesize(request, { deadlineMs: performance.now() + enoughMs }));

  describe(`${name} as a speech synthesis backend`, () => {
    it("covers the samples exactly with contiguous phones and keeps words in order", async () => {
      await using backend = await create();
      for (const text of ["Hello.", "Hello there, how are you today?", longText]) {
        expectSound(await speak(backend, clause(text)), backend.sampleRateHz);
      }
    });

    it("names the words as they were written", async () => {
      await using backend = await create();
      const words = (await speak(backend, clause("Hello there, my friend!"))).flatMap((slice) => slice.words);
      expect(words.map((word) => word.text)).toEqual(["Hello", "there,", "my", "friend!"]);
    });

    it("says the same clause the same way", async () => {
      await using backend = await create();
      expect(await speak(backend, clause("Once more."))).toEqual(await speak(backend, clause("Once more.")));
    });

    it("speaks faster at a higher rate", async () => {
      await using backend = await create();
      const [slow, fast] = [
        await speak(backend, clause("Take your time.", { rate: 0.8 })),
        await speak(backend, clause("Take your time.", { rate: 1.6 })),
      ];
      expect(sampleCount(fast)).toBeLessThan(sampleCount(slow) * 0.7);
      expectSound(fast, backend.sampleRateHz);
    });

    it("keeps concurrent clauses apart", async () => {
      await using backend = await create();
      const texts = ["One for the money.", "Two for the show, and three to get ready.", longText];
      const alone: SynthesizedSlice[][] = [];
      for (const text of texts) alone.push(await speak(backend, clause(text)));
      expect(await Promise.all(texts.map((text) => speak(backend, clause(text))))).toEqual(alone);
    });

    it("yields nothing more once aborted", async () => {
      await using backend = await create();
      const abort = new AbortController();
      const slices: SynthesizedSlice[] = [];
      const reading = (async () => {
        const speech = backend.synthesize(clause(longText), { deadlineMs: performance.now() + enoughMs, signal: abort.signal });
        for await (const slice of speech) {
          slices.push(slice);
          abort.abort();
        }
      })();
      expect(await reasonOf(reading)).toBe("CANCELLED");
      expect(slices).toHaveLength(1);
    });

    it("does not begin when the caller has aborted", async () => {
      await using backend = await create();
      const options = { deadlineMs: performance.now() + enoughMs, signal: AbortSignal.abort() };
      expect(await reasonOf(Array.fromAsync(backend.synthesize(clause("Hello."), options)))).toBe("CANCELLED");
    });

    it.each<[string, Reason, ClauseRequest]>([
      ["an empty text", "TEXT_EMPTY", clause("")],
      ["white space", "TEXT_EMPTY", clause(" \n\t ")],
      ["punctuation only", "TEXT_EMPTY", clause("... !?")],
      ["more than 1,000 characters", "TEXT_TOO_LONG", clause("word ".repeat(201))],
      ["another language", "LANGUAGE_UNSUPPORTED", clause("Hallo.", { language: "tlh" })],
      ["an unknown voice", "INVALID_REQUEST", clause("Hello.", { voice: "nobody" })],
      ["a rate out of range", "INVALID_REQUEST", clause("Hello.", { rate: Number.NaN })],
    ])("refuses %s", async (_name, reason, request) => {
      await using backend = await create();
      expect(await reasonOf(speak(backend, request))).toBe(reason);
    });

    it("speaks or refuses hostile text and goes on", async () => {
      await using backend = await create();
      for (const [label, text] of hostileTexts) {
        const outcome = await hear(backend, clause(text), hostileSlices).catch((error) => (isServiceError(error) ? error.reason : error));
        if (typeof outcome === "string") expect(outcome, label).toBe("TEXT_EMPTY");
        else expectSound(outcome as SynthesizedSlice[], backend.sampleRateHz, outcome.length < hostileSlices);
      }
      expectSound(await speak(backend, clause("Still here.")), backend.sampleRateHz);
    }, 60_000);
  });
}

/** The first slices of a clause; then the caller breaks off. */
async function hear(backend: TtsBackend, request: ClauseRequest, most: number): Promise<SynthesizedSlice[]> {
  const slices: SynthesizedSlice[] = [];
  for await (const slice of backend.synthesize(request, { deadlineMs: performance.now() + enoughMs })) {
    slices.push(slice);
    if (slices.length >= most) break;
  }
  return slices;
}

/** @param isWhole false where the caller broke off: the last word may go on */
function expectSound(slices: readonly SynthesizedSlice[], sampleRateHz: number, isWhole = true): void {
  expect(slices.length).toBeGreaterThan(0);
  let samples = 0;
  for (const slice of slices) {
    expect(slice.samples.every((sample) => sample >= -1 && sample <= 1)).toBe(true);
    expectContiguous(slice.phones, toUs(samples, sampleRateHz), toUs(samples + slice.samples.length, sampleRateHz));
    samples += slice.samples.length;
  }
  expect(slices.some((slice) => slice.samples.some((sample) => Math.abs(sample) > 0.01))).toBe(true);
  const words = slices.flatMap((slice) => slice.words);
  expect(words.length).toBeGreaterThan(0);
  let previousEndUs = 0;
  for (const word of words) {
    expect(word.startUs).toBeGreaterThanOrEqual(previousEndUs);
    expect(word.endUs).toBeGreaterThan(word.startUs);
    previousEndUs = word.endUs;
  }
  if (isWhole) expect(previousEndUs).toBeLessThanOrEqual(toUs(samples, sampleRateHz));
}

function expectContiguous(phones: readonly TimedText[], startUs: number, endUs: number): void {
  expect(phones[0]?.startUs).toBe(startUs);
  expect(phones.at(-1)?.endUs).toBe(endUs);
  expect(phones.some((phone) => phone.text !== "")).toBe(true);
  for (const [index, phone] of phones.entries()) {
    expect(phone.endUs).toBeGreaterThan(phone.startUs);
    if (index > 0) expect(phone.startUs).toBe(phones[index - 1]?.endUs);
  }
}

async function reasonOf(work: Promise<unknown>): Promise<Reason | "none"> {
  return work.then(
    () => "none" as const,
    (error) => (isServiceError(error) ? error.reason : Promise.reject(error)),
  );
}

function sampleCount(slices: readonly SynthesizedSlice[]): number {
  return slices.reduce((sum, slice) => sum + slice.samples.length, 0);
}

function toUs(samples: number, sampleRateHz: number): number {
  return Math.round((samples * 1_000_000) / sampleRateHz);
}
