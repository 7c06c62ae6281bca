import type { AsrBackend, Transcription } from "@troupe/asr/backends";
import { countEdits, type Edits, errorRate } from "../error-rate.ts";
import { createRandom } from "./noise.ts";

/** A sound and what is said in it. */
export interface Utterance {
  readonly id: string;
  readonly samples: Float32Array;
  /** The words or characters as they are compared. */
  readonly reference: readonly string[];
}

export interface Recognised {
  readonly utterance: Utterance;
  readonly result: Transcription;
  readonly hypothesis: readonly string[];
  readonly edits: Edits;
  readonly tookMs: number;
}

export interface RecognitionRun {
  readonly backend: AsrBackend;
  readonly signal: AbortSignal;
  readonly language?: string;
  readonly hotWords?: readonly string[];
  /** A text as the tokens that are compared. */
  readonly tokens: (text: string) => readonly string[];
}

/** Long enough for every queue here. */
const patienceMs = 600_000;

/** One after the other, so that each is alone with the machine. */
export async function recogniseSet(utterances: readonly Utterance[], run: RecognitionRun): Promise<readonly Recognised[]> {
  const found: Recognised[] = [];
  for (const utterance of utterances) {
    const startMs = performance.now();
    const result = await transcribe(utterance.samples, run);
    const hypothesis = run.tokens(result.text);
    const edits = countEdits(utterance.reference, hypothesis);
    found.push({ utterance, result, hypothesis, edits, tookMs: performance.now() - startMs });
  }
  return found;
}

export function transcribe(samples: Float32Array, run: Omit<RecognitionRun, "tokens">): Promise<Transcription> {
  const { backend, signal, language, hotWords } = run;
  const deadlineMs = performance.now() + patienceMs;
  return backend.transcribe(samples, { interim: false, deadlineMs, signal, ...(language && { language }), ...(hotWords && { hotWords }) });
}

export const rateOf = (found: readonly Recognised[]) => errorRate(found.map(({ edits }) => edits));

/** The same transcripts given to other sounds: what recognition must be better than. */
export function shuffledRate(found: readonly Recognised[]): number {
  return errorRate(
    found.map(({ utterance }, index) => countEdits(utterance.reference, found[(index + 1) % found.length]?.hypothesis ?? [])),
  );
}

/** What the error rate could have been with other utterances of the same kind: the middle 95 % of rates of sets drawn with replacement. */
export function bootstrapRate(found: readonly Recognised[]): { readonly low: number; readonly high: number; readonly of: string } {
  const random = createRandom(1);
  const rates = Array.from({ length: 1000 }, () =>
    errorRate(found.map(() => (found[Math.floor(random() * found.length)] as Recognised).edits)),
  ).sort((one, other) => one - other);
  return { low: rates[25] as number, high: rates[974] as number, of: "95 % of 1000 bootstrap samples" };
}

/** @param share 0..1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
