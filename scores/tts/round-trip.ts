import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWav } from "@troupe/audio";
import type { TtsBackend } from "@troupe/tts/backends";
import { type Edits, errorRate } from "../error-rate.ts";
import type { Score, ScoreContext } from "../score.ts";
import { editsOf, type Listener } from "./listener.ts";
import { robotSpeaks } from "./robot-voice.ts";
import type { Sentence } from "./sentences.ts";
import { type Spoken, speak } from "./spoken.ts";
import { waveFacts } from "./wave-facts.ts";

export interface Read {
  readonly sentence: Sentence;
  readonly spoken: Spoken;
  readonly heard: string;
  readonly edits: Edits;
}

const names = { en: "English", zh: "Mandarin" } as const;
const kept = 3;

export interface RoundTrip {
  readonly language: "en" | "zh";
  readonly voice: string;
  readonly read: readonly Read[];
  readonly listener: Listener;
  readonly baseline: number | undefined;
}

/** Says every sentence and has it written down again; a few waves and what was heard go to the folder. */
export async function readAll(
  tts: TtsBackend,
  {
    listener,
    sentences,
    language,
  }: { readonly listener: Listener; readonly sentences: readonly Sentence[]; readonly language: "en" | "zh" },
  { outDir, signal, step }: ScoreContext,
): Promise<readonly Read[]> {
  const read: Read[] = [];
  for (const sentence of sentences) {
    const spoken = await speak(tts, { text: sentence.written, language }, signal);
    const heard = await listener.hear(spoken, language);
    read.push({ sentence, spoken, heard, edits: editsOf(sentence.said, heard, language) });
    if (read.length % 20 === 0) step(`${language}: ${read.length} of ${sentences.length}`);
  }
  for (const [index, { spoken }] of read.slice(0, kept).entries())
    await writeFile(join(outDir, `${language}-${index + 1}.wav`), writeWav(spoken.samples, spoken.sampleRateHz));
  await writeFile(join(outDir, `heard-${language}.tsv`), read.map(rowOf).join("\n"));
  return read;
}

function rowOf({ sentence, spoken, heard, edits }: Read): string {
  const { levelDb, peakDb, clipped, longestSilenceMs } = waveFacts(spoken.samples, spoken.sampleRateHz);
  const count = edits.substituted + edits.deleted + edits.inserted;
  return [
    count,
    sentence.written,
    heard,
    `${levelDb.toFixed(1)} dB`,
    `peak ${peakDb.toFixed(1)} dB`,
    `${clipped} clipped`,
    `${longestSilenceMs} ms`,
  ].join("\t");
}

/** Error rate of espeak-ng's robot voice on every second sentence, read by the same listener. */
export async function robotErrorRate(
  listener: Listener,
  sentences: readonly Sentence[],
  language: "en" | "zh",
): Promise<number | undefined> {
  const edits: Edits[] = [];
  for (const [index, { written, said }] of sentences.entries()) {
    if (index % 2 === 1) continue;
    const sound = await robotSpeaks(written, language);
    if (!sound) return undefined;
    edits.push(editsOf(said, await listener.hear(sound, language), language));
  }
  return errorRate(edits);
}

export function roundTripScore({ language, voice, read, listener, baseline }: RoundTrip): Score {
  const unit = language === "en" ? "words" : "characters";
  const rates = read.map(({ edits }) => errorRate([edits])).sort((a, b) => a - b);
  const shuffled = read.map(({ heard }, index) => editsOf((read[(index + 7) % read.length] as Read).sentence.said, heard, language));
  const flawless = rates.filter((rate) => rate === 0).length;
  return {
    id: `round-trip-${language}`,
    what: `${names[language]} ${unit} that ${listener.model} hears wrongly from ${voice}`,
    set: { name: `scores/tts/sentences-${language}.txt`, kind: "authored", size: `${read.length} sentences` },
    value: errorRate(read.map(({ edits }) => edits)),
    unit: "%",
    better: "lower",
    ...(baseline !== undefined && { baseline: { name: "espeak-ng's robot voice, every second sentence", value: baseline } }),
    control: { name: "transcripts of other sentences", value: errorRate(shuffled) },
    spread: { low: rates[0] ?? 0, high: rates.at(-1) ?? 0, of: "single sentences" },
    note: `${flawless} of ${read.length} sentences without an error. The figure holds the recogniser's own errors too: it is an upper bound of what the voice does wrong.`,
  };
}
