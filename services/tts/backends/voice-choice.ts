import type { ClauseRequest, Voice } from "./backend.ts";

export interface VoiceWish {
  /** BCP-47. */
  readonly language: string;
  /** The speaker's voices by language (BCP-47). */
  readonly voices?: ClauseRequest["voices"];
}

/**
 * The voice for a language where none is named. The speaker's own goes first: named for the tag, for its primary subtag, or else for
 * another tag of the same language. Then of all voices the first that speaks the tag or a narrower one ("en" takes "en-GB", "en-GB" does not
 * take "en-US"), then of the tag without its last subtag, down to the language (filtering and lookup of RFC 4647).
 * @returns undefined when no voice speaks the language
 */
export function chooseVoice(voices: readonly Voice[], { language, voices: own = {} }: VoiceWish): Voice | undefined {
  const fitting = voices.filter((voice) => speaks(voice, language));
  const wanted = Object.entries(own)
    .filter(([tag]) => primarySubtag(tag) === primarySubtag(language))
    .sort(([a], [b]) => distance(a, language) - distance(b, language));
  for (const [, id] of wanted) {
    const voice = fitting.find((candidate) => candidate.id === id);
    if (voice) return voice;
  }
  for (const range of rangesOf(language)) {
    const voice = fitting.find((candidate) => candidate.languages.some((tag) => isWithin(tag, range)));
    if (voice) return voice;
  }
  return undefined;
}

/** Whether the voice speaks the language, by its primary subtag. */
export function speaks(voice: Voice, language: string): boolean {
  return voice.languages.some((one) => primarySubtag(one) === primarySubtag(language));
}

export function primarySubtag(language: string): string {
  return normalized(language).split("-", 1)[0] ?? "";
}

/** Of two tags of one language. */
function distance(tag: string, language: string): number {
  if (normalized(tag) === normalized(language)) return 0;
  return normalized(tag) === primarySubtag(language) ? 1 : 2;
}

/** From the whole tag to its primary subtag. */
function rangesOf(language: string): readonly string[] {
  const subtags = normalized(language).split("-");
  return subtags.map((_, index) => subtags.slice(0, subtags.length - index).join("-"));
}

function isWithin(tag: string, range: string): boolean {
  return `${normalized(tag)}-`.startsWith(`${normalized(range)}-`);
}

function normalized(tag: string): string {
  return tag.toLowerCase().replaceAll("_", "-");
}
