import MiniSearch from "minisearch";
import type { RetrievalUnit } from "./retrieval-unit.ts";

/** What a unit shares with the words of a question. */
export interface LexicalHit {
  /** BM25+ over text, title (half weight) and questions; comparable within one search only. */
  readonly bm25: number;
  /** Terms of the question found in the unit or its title, misspellings included. */
  readonly matched: ReadonlySet<string>;
}

export interface LexicalIndex {
  /** By place among the units; units that share no term are absent. */
  search(terms: readonly string[]): ReadonlyMap<number, LexicalHit>;
  /** How much a term says, 0..1: 1 for a term of one unit or none, near 0 for one in most units; numbers half. */
  weight(term: string): number;
  has(term: string): boolean;
}

/** BM25 (Robertson and Zaragoza 2009, in its BM25+ form by Lv and Zhai 2011) over the stems of paragraphs and answers. */
export function createLexicalIndex(units: readonly RetrievalUnit[]): LexicalIndex {
  const fields = ["terms", "title", "asked"];
  const split = (text: string) => text.split(" ").filter((term) => term !== "");
  const index = new MiniSearch({ fields, tokenize: split, processTerm: (term) => term });
  const frequency = new Map<string, number>();
  index.addAll(
    units.map(({ terms, titleTerms, askedTerms }, id) => ({
      id,
      terms: [...terms].join(" "),
      title: askedTerms.size > 0 ? "" : [...titleTerms].join(" "),
      asked: [...askedTerms].join(" "),
    })),
  );
  for (const { terms, titleTerms, askedTerms } of units) {
    for (const term of new Set([...terms, ...titleTerms, ...askedTerms])) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }
  const options = { boost: { title: 0.5 }, fuzzy: editDistance, tokenize: split, processTerm: (term: string) => term };

  return {
    search(terms) {
      const hits = index.search(terms.join(" "), options);
      return new Map(
        hits.map((hit) => [
          hit.id as number,
          { bm25: hit.score, matched: new Set(hit.queryTerms.filter((term) => hit.terms.some((found) => sameStart(term, found)))) },
        ]),
      );
    },
    weight(term) {
      const count = Math.max(1, frequency.get(term) ?? 1);
      const rarity = Math.log((units.length + 1) / count) / Math.log(units.length + 1);
      return /^\d+$/u.test(term) ? rarity / 2 : rarity;
    },
    has: (term) => frequency.has(term),
  };
}

/** Edits that a slip of the recogniser may make: none in short words, where it would make another word. */
function editDistance(term: string): number | false {
  if (term.length < 4 || /\d|\p{Script=Han}/u.test(term)) return false;
  return term.length < 8 ? 1 : 2;
}

/** Slips keep the start of a word: "prize" may be "price", but "gold" is not "hold" and "coat" not "cost". */
function sameStart(term: string, found: string): boolean {
  const letters = term.length < 6 ? 3 : 2;
  return term.slice(0, letters) === found.slice(0, letters);
}
