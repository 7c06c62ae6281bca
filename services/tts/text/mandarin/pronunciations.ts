import { ServiceError } from "@troupe/errors";
import type { Pronunciation } from "../../backends/backend.ts";
import { primarySubtag } from "../../backends/voice-choice.ts";
import { anyOf } from "../rewrite.ts";
import { simplify } from "./simplify.ts";
import { parseSyllable, type Syllable } from "./syllable.ts";

/** A stretch of a text: as it is, or said by other words, or by syllables. */
export interface PronouncedStretch {
  readonly text: string;
  /** UTF-16 units of the whole text before it. */
  readonly from: number;
  readonly spoken?: SpokenAs | undefined;
}

export type SpokenAs = { readonly respelling: string } | { readonly syllables: readonly Syllable[] };

/**
 * Cuts a text at the words of a tenant's dictionary: Chinese words wherever they stand, Latin words whole and regardless of case, the
 * longest entry first, simplified or traditional. Phones are numbered pinyin; entries of other languages are passed over, and so are
 * phones that are no pinyin when the entry names no language.
 * @throws ServiceError INVALID_REQUEST for a Mandarin entry whose phones are no pinyin
 */
export function cutPronounced(text: string, pronunciations: readonly Pronunciation[]): readonly PronouncedStretch[] {
  const entries = new Map<string, SpokenAs>();
  for (const entry of pronunciations) {
    const key = keyOf(entry.written.trim());
    const spoken = entries.has(key) ? undefined : spokenInMandarin(entry);
    if (spoken) entries.set(key, spoken);
  }
  if (entries.size === 0) return [{ text, from: 0 }];
  const pattern = new RegExp(`(?<![A-Za-z0-9](?=[A-Za-z0-9]))(?:${anyOf(entries.keys())})(?!(?<=[A-Za-z0-9])[A-Za-z0-9])`, "giu");
  const stretches: PronouncedStretch[] = [];
  let position = 0;
  for (const { 0: written, index } of keyOf(text).matchAll(pattern)) {
    if (index > position) stretches.push({ text: text.slice(position, index), from: position });
    position = index + written.length;
    stretches.push({ text: text.slice(index, position), from: index, spoken: entries.get(written) });
  }
  if (position < text.length) stretches.push({ text: text.slice(position), from: position });
  return stretches;
}

/** The same for all ways to write a word; as long as the word. */
function keyOf(text: string): string {
  const lower = text.toLowerCase();
  return simplify(lower.length === text.length ? lower : text).text;
}

function spokenInMandarin({ written, language, spoken }: Pronunciation): SpokenAs | undefined {
  if (language !== undefined && primarySubtag(language) !== "zh") return undefined;
  if ("respelling" in spoken) return language !== undefined || /\p{Script=Han}/u.test(spoken.respelling) ? spoken : undefined;
  const syllables = spoken.phones
    .trim()
    .split(/[\s'’-]+/)
    .map(parseSyllable);
  if (syllables.every((syllable) => syllable !== undefined)) return { syllables };
  if (language === undefined) return undefined;
  throw new ServiceError("INVALID_REQUEST", `pronunciation of ${JSON.stringify(written)}: its phones are no numbered pinyin`);
}
