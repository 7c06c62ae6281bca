import type { ReadWord } from "./polyphones.ts";
import type { Syllable, Tone } from "./syllable.ts";

const numerals = /[零〇一二三四五六七八九十]/;
/** What a plain 一 counts without changing: the first of a row. */
const ordinalAfter = /^[月号日楼班级中]/;
const ordinalBefore = /[第初周期拜]$/;

interface Place {
  readonly character: string;
  readonly word: number;
  tone: Tone;
}

/**
 * Tones as spoken: 一 and 不 follow the next tone, a low tone rises before another (within a word from the left, then from word to word
 * from the right). The words are one breath: no pause between them. Rules: Duanmu (2007), chapter 11; Chao, "A Grammar of Spoken
 * Chinese" (1968).
 */
export function applySandhi(words: readonly ReadWord[]): readonly ReadWord[] {
  const places = words.flatMap(({ word, syllables }, index) => {
    const spoken = [...word].filter((character) => /\p{Script=Han}/u.test(character));
    return syllables.map((syllable, at): Place => ({ character: spoken[at] ?? "", word: index, tone: syllable.tone }));
  });
  for (const index of places.keys()) places[index] = { ...(places[index] as Place), tone: changedTone(places, index, words) };
  raiseWithinWords(places);
  raiseAcrossWords(places);
  let at = 0;
  return words.map((word) => ({
    ...word,
    syllables: word.syllables.map((syllable): Syllable => ({ ...syllable, tone: (places[at++] as Place).tone })),
  }));
}

function changedTone(places: readonly Place[], index: number, words: readonly ReadWord[]): Tone {
  const { character, tone } = places[index] as Place;
  if (character === "一" && tone === 1) return toneOfOne(places, index, words);
  if (character === "不" && tone === 4) return toneOfNot(places, index);
  return tone;
}

function toneOfOne(places: readonly Place[], index: number, words: readonly ReadWord[]): Tone {
  const before = places[index - 1];
  const after = places[index + 1];
  const own = places[index] as Place;
  if (!after) return 1;
  if (before && before.character === after.character && before.word === own.word) return 5;
  if (ordinalBefore.test(before?.character ?? "") || numerals.test(before?.character ?? "")) return 1;
  if (numerals.test(after.character)) return 1;
  if (ordinalAfter.test(after.character) && !isCounted(own, after, words)) return 1;
  if (after.word !== own.word && (words[own.word]?.word.length ?? 1) > 1) return 1;
  return isFalling(after) ? 2 : 4;
}

/** 一日 "one day" and 一级 "a step" count; 一月 and 一号 are names. */
function isCounted(own: Place, after: Place, words: readonly ReadWord[]): boolean {
  return after.word === own.word && /^一(?:日|中)/.test(words[own.word]?.word ?? "");
}

function toneOfNot(places: readonly Place[], index: number): Tone {
  const before = places[index - 1];
  const after = places[index + 1];
  if (after && before && before.character === after.character) return 5;
  return after && isFalling(after) ? 2 : 4;
}

/** A neutral 个 still counts as the falling tone that it has lost. */
function isFalling({ character, tone }: Place): boolean {
  return tone === 4 || (tone === 5 && character === "个");
}

/** 展览馆 is 2 2 3; 小老虎 with its prefix is 3 2 3; four are two pairs. */
function raiseWithinWords(places: Place[]): void {
  for (let from = 0; from < places.length; ) {
    let to = from;
    while (places[to]?.word === places[from]?.word && to < places.length) to++;
    const isPrefixed = to - from === 3 && /[小老纸好]/.test((places[from] as Place).character);
    for (let index = from; index + 1 < to; index++) {
      const isBound = (isPrefixed && index === from) || (to - from === 4 && index === from + 1);
      if (!isBound && places[index]?.tone === 3 && places[index + 1]?.tone === 3) (places[index] as Place).tone = 2;
    }
    from = to;
  }
}

function raiseAcrossWords(places: Place[]): void {
  for (let index = places.length - 2; index >= 0; index--) {
    const own = places[index] as Place;
    const after = places[index + 1] as Place;
    if (own.word !== after.word && own.tone === 3 && after.tone === 3) own.tone = 2;
  }
}
