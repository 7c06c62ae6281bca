import { pinyin } from "pinyin-pro";
import type { TaggedWord } from "./segmenter.ts";
import { parseSyllable, type Syllable } from "./syllable.ts";
import { nonRhotic, wordReadings } from "./word-readings.ts";

/** A word with one syllable per character, but none for a 儿 that only colours the syllable before it. */
export interface ReadWord extends TaggedWord {
  readonly syllables: readonly Syllable[];
}

const isHan = /^\p{Script=Han}$/u;
/** Offices whose last character is 长 "head". */
const heads = /^(?:.*[校院部局处科队班团营连排军师厂店馆所社站船机会县市省镇乡村区组行庭州舰室]|董事|秘书)长$/u;

/** 跑得快 in one word: 得 links a verb and its complement. */
const complement = /^[^不值]得.$/u;
const titles = /^(?:老师|先生|女士|小姐|太太|经理|总|主任|教授|医生|大夫|律师|师傅|同学|导演|博士|警官)/u;

/** Family names that are read unlike the word. */
const surnames: Readonly<Record<string, string>> = {
  ...{ 单: "shan4", 仇: "qiu2", 任: "ren2", 解: "xie4", 查: "zha1", 朴: "piao2", 盖: "ge3", 区: "ou1", 翟: "zhai2", 曾: "zeng1" },
  ...{ 华: "hua4", 燕: "yan1", 宁: "ning4", 葛: "ge3", 召: "shao4", 冼: "xian3", 员: "yun4", 乐: "yue4", 种: "chong2", 覃: "qin2" },
  ...{ 秘: "bi4", 繁: "po2", 那: "na1", 瞿: "qu2", 洗: "xian3", 黑: "he4", 折: "she2", 缪: "miao4", 洪: "hong2", 尉迟: "yu4 chi2" },
  ...{ 万俟: "mo4 qi2", 长孙: "zhang3 sun1", 单于: "chan2 yu2", 澹台: "tan2 tai2", 令狐: "ling2 hu2" },
};

/** What the parts of speech around a word say about it. */
type NeighbourRule = (before: TaggedWord | undefined, after: TaggedWord | undefined) => string | undefined;

const tagged = (word: TaggedWord | undefined, tags: RegExp) => tags.test(word?.tag ?? "");
const always =
  (reading: string): NeighbourRule =>
  () =>
    reading;

/** Words of one character whose reading hangs on their neighbours. Tags: see TaggedWord. */
const neighbourRules: Readonly<Record<string, NeighbourRule>> = {
  ...{ 的: always("de5"), 吗: always("ma5"), 呢: always("ne5"), 吧: always("ba5"), 啊: always("a5"), 们: always("men5") },
  了: (before) => (before ? "le5" : undefined),
  得: (before, after) => (tagged(before, /^[vaizx]/) ? "de5" : tagged(after, /^[vdpr]/) ? "dei3" : "de2"),
  地: (before, after) => (tagged(before, /^[dailzbvoe]/) && tagged(after, /^[vdpa]/) ? "de5" : "di4"),
  着: (before) => (tagged(before, /^v/) ? "zhe5" : undefined),
  还: (before, after) => (givesBack(before, after) ? "huan2" : "hai2"),
  长: (before, after) => (after?.word === "得" || (tagged(before, /^[vad]/) && tagged(after, /^v/)) ? "zhang3" : undefined),
};

/** 还 is "give back" before what is given back, and at the end of what was not done: 还钱, 还了, 没还. */
function givesBack(before: TaggedWord | undefined, after: TaggedWord | undefined): boolean {
  if (after === undefined) return /^(?:没|没有|未|要|该|先|来|快)$/.test(before?.word ?? "");
  return tagged(after, /^[nrm]$/) || after.word === "了";
}

/** Reads words in context. Characters outside the dictionaries get no syllable. */
export function readWords(words: readonly TaggedWord[]): readonly ReadWord[] {
  const characters = words.map(({ word }) => [...word]);
  const inContext = readCharacters(characters.flat());
  let at = 0;
  return words.map((tagged, index) => {
    const own = characters[index] as readonly string[];
    const context = inContext.slice(at, at + own.length);
    at += own.length;
    const alone = own.length > 1 ? readCharacters(own) : context;
    const read = wordReadings.get(tagged.word) ?? readByRule(words, index) ?? readPerson(tagged) ?? alone;
    return { ...tagged, syllables: toSyllables(tagged, own, read) };
  });
}

/** Longest known words decide, over the whole text. */
function readCharacters(characters: readonly string[]): readonly string[] {
  return pinyin(characters.join(""), { type: "array", toneType: "num", toneSandhi: false, v: true });
}

/** What a word's neighbours decide, or its last character. */
function readByRule(words: readonly TaggedWord[], index: number): readonly string[] | undefined {
  const { word, tag } = words[index] as TaggedWord;
  const before = words[index - 1];
  const reading = neighbourRules[word]?.(before, words[index + 1]);
  if (reading !== undefined) return [reading];
  if (heads.test(word) || (word.endsWith("长") && words[index + 1]?.word === "得"))
    return [...readCharacters([...word.slice(0, -1)]), "zhang3"];
  if (complement.test(word)) return readCharacters([...word]).with(1, "de5");
  if (tag === "x") return readUnlisted(word);
  return before?.word === "姓" || titles.test(words[index + 1]?.word ?? "") ? surnames[word]?.split(" ") : undefined;
}

/** What the segmenter took for a word that no dictionary has: 长得 before a complement, 姓单. */
function readUnlisted(word: string): readonly string[] | undefined {
  if (/^.得$/u.test(word)) return [word.startsWith("长") ? "zhang3" : (readCharacters([...word])[0] as string), "de5"];
  const surname = word.startsWith("姓") ? surnames[word.slice(1)] : undefined;
  return surname === undefined ? undefined : ["xing4", ...surname.split(" ")];
}

/** A person's name starts with a surname: 单 is Shan, 曾 is Zeng. */
function readPerson({ word, tag }: TaggedWord): readonly string[] | undefined {
  if (!tag.startsWith("nr") || word.length < 2 || word.length > 4) return undefined;
  const surname = surnames[word.slice(0, 2)] ? word.slice(0, 2) : word.slice(0, 1);
  const read = surnames[surname]?.split(" ");
  return read && [...read, ...readCharacters([...word.slice(surname.length)])];
}

function toSyllables({ word }: TaggedWord, characters: readonly string[], read: readonly string[]): readonly Syllable[] {
  const syllables: Syllable[] = [];
  for (const [index, character] of characters.entries()) {
    if (!isHan.test(character)) continue;
    const last = syllables.at(-1);
    if (character === "儿" && last && index === characters.length - 1 && !nonRhotic.has(word)) {
      syllables[syllables.length - 1] = { ...last, rhotic: true };
      continue;
    }
    const syllable = parseSyllable((read[index] ?? "").replace(/0$/, "5"));
    if (syllable) syllables.push(syllable);
  }
  return syllables;
}
