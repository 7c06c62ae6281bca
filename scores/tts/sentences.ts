import { readFile } from "node:fs/promises";

export interface Sentence {
  readonly written: string;
  /** As a person would say it. */
  readonly said: string;
}

/** Lines "written | as it should be said"; the second part only where it differs. "#" starts a comment. */
export function parseSentences(text: string): readonly Sentence[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [written = "", said = written] = line.split(" | ");
      return { written, said };
    });
}

/** The authored sentences of a language; with a limit, that many spread over the file. */
export async function loadSentences(language: "en" | "zh", limit: number | undefined): Promise<readonly Sentence[]> {
  const all = parseSentences(await readFile(new URL(`./sentences-${language}.txt`, import.meta.url), "utf8"));
  const step = Math.max(1, all.length / (limit ?? all.length));
  return all.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step)).slice(0, limit ?? all.length);
}
