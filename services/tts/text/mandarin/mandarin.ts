import type { Pronunciation } from "../../backends/backend.ts";
import { checkSpokenLength } from "../spoken-length.ts";
import type { MappedText } from "./mapped-text.ts";
import { normalizeMandarin } from "./normalize.ts";
import { type ReadWord, readWords } from "./polyphones.ts";
import { cutPronounced, type PronouncedStretch } from "./pronunciations.ts";
import type { Segmenter } from "./segmenter.ts";
import { simplify } from "./simplify.ts";
import { applySandhi } from "./tone-sandhi.ts";

/** A stretch of a text as it is to be said. */
export type SpokenPart =
  | { readonly kind: "mandarin"; readonly word: ReadWord; readonly from: number; readonly to: number }
  /** Latin letters, for an English front end. */
  | { readonly kind: "latin"; readonly text: string; readonly from: number; readonly to: number }
  /** A mark that is a pause or a bracket, in ASCII or as “ ” — …; or one space. */
  | { readonly kind: "mark"; readonly mark: string; readonly from: number; readonly to: number };

const runPattern = /(\p{Script=Han}+)|([A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9'’.&+-]*(?: +[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9'’.&+-]*)*)|([\s\S])/gu;
const marks: Readonly<Record<string, string>> = {
  ...{ "，": ",", "、": ",", ",": ",", "。": ".", "．": ".", ".": ".", "！": "!", "!": "!", "？": "?", "?": "?" },
  ...{ "；": ";", ";": ";", "：": ":", ":": ":", "…": "…", "—": "—", "–": "—", "《": "“", "》": "”", "「": "“", "」": "”" },
  ...{ "『": "“", "』": "”", "【": "“", "】": "”", "“": "“", "”": "”", "（": "(", "）": ")", "(": "(", ")": ")", " ": " " },
};

/**
 * Mandarin text, simplified or traditional, numbers and Latin words among it, as words with syllables and tones as spoken. Words of a
 * tenant's dictionary are said as it says. `from` and `to` count UTF-16 units of the given text.
 * @throws ServiceError INVALID_REQUEST for a pronunciation that is none; TEXT_TOO_LONG
 */
export function readMandarin(text: string, segment: Segmenter, pronunciations: readonly Pronunciation[] = []): readonly SpokenPart[] {
  const stretches = cutPronounced(text, pronunciations);
  checkSpokenLength(stretches.reduce((sum, stretch) => sum + spokenLength(stretch), 0));
  const respellings = new Map<string, readonly SpokenPart[]>();
  const readRespelling = (respelling: string) => {
    const parts = respellings.get(respelling) ?? readStretch(respelling, segment);
    respellings.set(respelling, parts);
    return parts;
  };
  return stretches.flatMap((stretch): readonly SpokenPart[] => {
    const place = { from: stretch.from, to: stretch.from + stretch.text.length };
    const { spoken } = stretch;
    if (spoken === undefined) {
      return readStretch(stretch.text, segment).map((part) => ({ ...part, from: part.from + place.from, to: part.to + place.from }));
    }
    if ("respelling" in spoken) return readRespelling(spoken.respelling).map((part) => ({ ...part, ...place }));
    return [{ kind: "mandarin", word: { word: stretch.text, tag: "x", syllables: spoken.syllables }, ...place }];
  });
}

function spokenLength({ text, spoken }: PronouncedStretch): number {
  if (spoken === undefined) return text.length;
  return "respelling" in spoken ? spoken.respelling.length : spoken.syllables.length;
}

function readStretch(text: string, segment: Segmenter): SpokenPart[] {
  const normalized = normalizeMandarin(simplify(text));
  const parts: SpokenPart[] = [];
  for (const match of normalized.text.matchAll(runPattern)) {
    const [run, han, latin] = match;
    const place = placeOf(normalized, match.index, match.index + run.length);
    if (han !== undefined) parts.push(...readHan(normalized, match.index, han, segment));
    else if (latin !== undefined) parts.push({ kind: "latin", text: latin, ...place });
    else if (run in marks) parts.push({ kind: "mark", mark: marks[run] as string, ...place });
  }
  return parts;
}

function readHan(normalized: MappedText, start: number, han: string, segment: Segmenter): SpokenPart[] {
  let at = start;
  return applySandhi(readWords(segment(han))).map((word) => {
    const from = at;
    at += word.word.length;
    return { kind: "mandarin", word, ...placeOf(normalized, from, at) };
  });
}

function placeOf({ from, to }: MappedText, start: number, end: number) {
  return { from: from[start] ?? 0, to: to[end - 1] ?? 0 };
}
