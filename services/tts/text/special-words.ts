import { broadTag, findEntry, type Lexicon, look, spellLetters, symbolWords, type WordQuery } from "./lexicon.ts";
import type { ReadingContext } from "./reading-context.ts";
import { primaryStress, secondaryStress } from "./stress.ts";

type TaggedQuery = WordQuery & { readonly tag: string; readonly context: ReadingContext };
/** undefined: the rule does not apply. */
type Rule = (lexicon: Lexicon, word: string, query: TaggedQuery) => string | undefined;

/** The first rule that knows the word reads it: symbols, dotted initialisms and function words that follow their context. */
export function readSpecialWord(lexicon: Lexicon, word: string, query: TaggedQuery): string | undefined {
  for (const rule of rules) {
    const phones = rule(lexicon, word, query);
    if (phones !== undefined) return phones;
  }
  return undefined;
}

const addressSigns = new Map([
  [".", "dot"],
  ["/", "slash"],
]);

const readAddressSign: Rule = (lexicon, word, { tag, context }) => {
  const sign = tag === "ADD" ? addressSigns.get(word) : undefined;
  return sign === undefined ? undefined : look(lexicon, sign, { tag: null, stress: -0.5, context });
};

const readSymbol: Rule = (lexicon, word, { context }) => {
  const name = symbolWords.get(word);
  return name === undefined ? undefined : look(lexicon, name, { tag: null, stress: null, context });
};

const readDottedLetters: Rule = (lexicon, word) => {
  const isDotted = word.replace(/^\.+|\.+$/g, "").includes(".") && /^\p{L}+$/u.test(word.replaceAll(".", ""));
  return isDotted && word.split(".").every((part) => part.length < 3) ? spellLetters(lexicon, word) : undefined;
};

const readArticle: Rule = (lexicon, word, { tag, context }) => {
  if (/^[Aa]$/.test(word)) return tag === "DT" ? "ɐ" : "ˈA";
  if (/^([Aa]n|AN)$/.test(word)) return word === "AN" && tag.startsWith("NN") ? spellLetters(lexicon, word) : "ɐn";
  if (/^[Tt]he$/.test(word) || (word === "THE" && tag === "DT")) return context.vowelFollows === true ? "ði" : "ðə";
  return undefined;
};

const readVerbForm: Rule = (lexicon, word, { tag, stress, context }) => {
  if (/^([Aa]m|AM)$/.test(word)) {
    if (tag.startsWith("NN")) return spellLetters(lexicon, word);
    const full = context.vowelFollows === null || word !== "am" || (stress !== null && stress > 0);
    return full ? listed(lexicon, "am", "DEFAULT") : "ɐm";
  }
  if (/^([Uu]sed|USED)$/.test(word)) return listed(lexicon, "used", ["VBD", "JJ"].includes(tag) && context.toFollows ? "VBD" : "DEFAULT");
  return undefined;
};

const readPreposition: Rule = (lexicon, word, { tag, context }) => {
  if (/^([Bb]y|BY)$/.test(word)) return broadTag(tag) === "ADV" ? "bˈI" : undefined;
  if (/^[Tt]o$/.test(word) || (word === "TO" && ["TO", "IN"].includes(tag))) {
    if (context.vowelFollows === null) return listed(lexicon, "to", "DEFAULT");
    return context.vowelFollows ? "tʊ" : "tə";
  }
  if (/^[Ii]n$/.test(word) || (word === "IN" && tag !== "NNP")) {
    return `${context.vowelFollows === null || tag !== "IN" ? primaryStress : ""}ɪn`;
  }
  if (tag === "IN" && /^vs\.?$/i.test(word)) return look(lexicon, "versus", { tag: null, stress: null, context });
  return undefined;
};

const readPronoun: Rule = (_lexicon, word, { tag }) => (word === "I" && tag === "PRP" ? `${secondaryStress}I` : undefined);

const rules: readonly Rule[] = [readAddressSign, readSymbol, readDottedLetters, readArticle, readVerbForm, readPronoun, readPreposition];

function listed(lexicon: Lexicon, word: string, key: string): string | undefined {
  const entry = findEntry(lexicon.gold, word);
  return typeof entry === "string" ? entry : (entry?.[key] ?? undefined);
}
