import { english } from "./en.ts";
import { mandarin } from "./zh.ts";

/** What listeners say to show that they follow, and what stops a speaker, in one language. Regular expressions of whole phrases. */
export interface BackChannels {
  readonly phrases: readonly string[];
  /** What ends an exchange (Schegloff and Sacks, "Opening up closings", 1973): a back-channel only where nothing follows it. */
  readonly closings: readonly string[];
  /** Short words that are meant as an interruption, however short. */
  readonly stops: readonly string[];
}

/** What words that are spoken into a response mean. echo: they are the avatar's own; word: but one, which may be a cough or misheard. */
export type Meaning = "nothing" | "echo" | "back-channel" | "closing" | "stop" | "word" | "words";

/** Characters of the longest back-channel that is one: who says more takes the turn. */
const longest = 60;

// A recogniser that hears a hum may take it for any language: all are tried.
const languages = [english, mandarin];
const backChannel = onlyOf(languages.flatMap(({ phrases }) => phrases));
const closing = onlyOf(languages.flatMap(({ phrases, closings }) => [...phrases, ...closings]));
/** A word of Mandarin has two characters at most, mostly. */
const oneWord = /^(?:\p{Script=Han}{1,2}|[^\s\p{Script=Han}]+)$/u;
const stop = onlyOf(languages.flatMap(({ stops, phrases }) => [...stops, ...stops.map((word) => `(?:${phrases.join("|")}) ?${word}`)]));

/**
 * Tells a back-channel ("mm-hm", Yngve, "On getting a word in edgewise", 1970) from what takes the turn, by the words alone.
 */
export function meaningOf(text: string): Meaning {
  const words = once(plainWords(text));
  if (words === "") return "nothing";
  if (words.length > longest) return "words";
  if (backChannel.test(words)) return "back-channel";
  if (closing.test(words)) return "closing";
  if (stop.test(words)) return "stop";
  return oneWord.test(words) ? "word" : "words";
}

/** Words, or characters of a script written without spaces. */
export function wordList(text: string): readonly string[] {
  return plainWords(text).match(/\p{Script=Han}|[^\s\p{Script=Han}]+/gu) ?? [];
}

/** Lower case, without punctuation: what two transcripts of the same speech agree in. */
export function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[’‘]/gu, "'")
    .replaceAll(/[^\p{L}\p{N}']+/gu, " ")
    .trim();
}

/** 嗯嗯嗯 is 嗯. */
function once(words: string): string {
  return words.replaceAll(/(\p{Script=Han})\1+/gu, "$1");
}

function onlyOf(phrases: readonly string[]): RegExp {
  const longestFirst = phrases.map(once).sort((a, b) => b.length - a.length);
  const one = `(?:${longestFirst.join("|")})`;
  // Latin words end at a space or the end; characters follow each other without one.
  return new RegExp(`^(?:${one}(?:\\s+|$|(?<=\\p{Script=Han})))+$`, "u");
}
