import { ServiceError } from "@troupe/errors";
import type { Pronunciation } from "../backends/backend.ts";
import { primarySubtag } from "../backends/voice-choice.ts";
import { ipaToVoice } from "./ipa-to-voice.ts";
import { anyOf } from "./rewrite.ts";
import { checkSpokenLength } from "./spoken-length.ts";
import { withPluralEnding } from "./suffixes.ts";

/** A text whose dictionary words are replaced: by other words, or by names that stand for phones. */
export interface PronouncedText {
  readonly text: string;
  /** By the name in the text. */
  readonly readings: ReadonlyMap<string, Reading>;
  /** Characters of the text, with the phones in place of their names. */
  readonly length: number;
}

export interface Reading {
  /** As it was written. */
  readonly written: string;
  /** In the alphabet of the lexicons. */
  readonly phones: string;
}

/**
 * Applies a tenant's dictionary to English text: whole words regardless of case, the longest entry first, with a possessive or plural
 * ending after it. Entries of other languages are passed over, and so are phones that are no IPA when the entry names no language.
 * @throws ServiceError INVALID_REQUEST for an English entry whose phones are no IPA; TEXT_TOO_LONG
 */
export function pronounce(text: string, pronunciations: readonly Pronunciation[]): PronouncedText {
  const readings = new Map<string, Reading>();
  const lower = text.toLowerCase();
  const entries = new Map<string, SpokenAs>();
  for (const entry of pronunciations) {
    const key = entry.written.toLowerCase().trim();
    if (!lower.includes(key) || entries.has(key)) continue;
    const spoken = spokenInEnglish(entry);
    if (spoken) entries.set(key, spoken);
  }
  if (entries.size === 0) return { text, readings, length: text.length };
  const nameOf = createNames(lower);
  const pattern = new RegExp(String.raw`(?<![\p{L}\p{M}\p{N}])(${anyOf(entries.keys())})(['’]s|s['’]|s)?(?![\p{L}\p{M}\p{N}])`, "giu");
  let phonesBeyondNames = 0;
  const replaced = text.replace(pattern, (whole, word: string, ending = "") => {
    const spoken = entries.get(word.toLowerCase());
    if (!spoken) return whole;
    if ("respelling" in spoken) return spoken.respelling + ending;
    const name = nameOf(readings.size);
    readings.set(name, { written: whole, phones: ending === "" ? spoken.phones : (withPluralEnding(spoken.phones) ?? spoken.phones) });
    phonesBeyondNames += spoken.phones.length - name.length;
    return name;
  });
  const length = replaced.length + phonesBeyondNames;
  checkSpokenLength(length);
  return { text: replaced, readings, length };
}

type SpokenAs = { readonly respelling: string } | { readonly phones: string };

function spokenInEnglish({ written, language, spoken }: Pronunciation): SpokenAs | undefined {
  if (language !== undefined && primarySubtag(language) !== "en") return undefined;
  if ("respelling" in spoken) return /[a-z]/i.test(spoken.respelling) ? spoken : undefined;
  const phones = ipaToVoice(spoken.phones);
  if (phones !== undefined) return { phones };
  if (language === undefined) return undefined;
  throw new ServiceError("INVALID_REQUEST", `pronunciation of ${JSON.stringify(written)}: its phones are no IPA`);
}

/** Names that the text does not hold and that no step of reading takes apart: a capital and small letters. */
function createNames(lower: string): (index: number) => string {
  let stem = "qzx";
  while (lower.includes(stem)) stem += "qz";
  const capitalized = stem.charAt(0).toUpperCase() + stem.slice(1);
  const letters = (index: number) => [...index.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join("");
  return (index) => `${capitalized}${letters(index)}j`;
}
