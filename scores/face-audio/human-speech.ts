import { readFile } from "node:fs/promises";
import { floatToPcm16 } from "@troupe/audio";
import { z } from "zod";
import { loadAsteriskPrompts, type PromptOptions } from "../asterisk-prompts.ts";
import type { Spoken } from "../face/spoken.ts";

const schema = z.array(
  z.strictObject({
    id: z.string(),
    /** Phone and end in milliseconds in turn; _ is silence. Written by align.py. */
    phones: z.string(),
  }),
);

/** Every fifth prompt was looked at while the network was made. */
const everySeen = 5;

/** Prompts of three and more words with phone times by a forced aligner that knows nothing of the network. */
export async function loadHumanSpeech(options: PromptOptions): Promise<Spoken[]> {
  const aligned = schema.parse(JSON.parse(await readFile(new URL("alignments.json", import.meta.url), "utf8")));
  const prompts = new Map((await loadAsteriskPrompts(options)).map((prompt) => [prompt.id, prompt]));
  return aligned.flatMap(({ id, phones }, index) => {
    const prompt = prompts.get(id);
    if (prompt === undefined || index % everySeen === 0) return [];
    return { text: prompt.text, samples: floatToPcm16(prompt.samples), sampleRateHz: 16_000, phones: timePhones(phones) };
  });
}

function timePhones(phones: string): Spoken["phones"] {
  const words = phones.split(" ");
  return Array.from({ length: words.length / 2 }, (_, n) => ({
    text: words[2 * n] === "_" ? "" : (words[2 * n] as string),
    startUs: n === 0 ? 0 : Number(words[2 * n - 1]) * 1000,
    endUs: Number(words[2 * n + 1]) * 1000,
  }));
}
