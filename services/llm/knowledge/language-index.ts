import type { Embedder, EmbedOptions } from "./embedder.ts";
import { type SentenceParts, sentenceProbability, unitProbability } from "./evidence-model.ts";
import { foldText } from "./folding.ts";
import { createLexicalIndex, type LexicalIndex } from "./lexical-index.ts";
import { createLikenessIndex, type Likeness } from "./likeness-index.ts";
import type { Passage } from "./passage.ts";
import { type AskedQuestion, aheadParts, type Candidate, type OwnParts, ownPartsOf, sentencePartsOf } from "./question-evidence.ts";
import { type RetrievalUnit, unitsOf } from "./retrieval-unit.ts";
import type { Evidence } from "./retriever.ts";
import { indexTermsOf, placedContentWords, stemOf, wordsOf } from "./terms.ts";
import type { TokenEncoder } from "./token-likeness.ts";

/** The passages of one language. */
export interface LanguageIndex {
  retrieve(question: string, limit: number, options: EmbedOptions): Promise<Evidence[]>;
}

/** Units whose tokens are compared: about 15 ms each for one that was not asked about lately. */
const compared = 8;
const questionWordLimit = 24;

/** Units whose tokens are encoded at start, half a second's work: the first questions of a small tenant needn't wait for it. */
const warmUnits = 48;

/** @param passages of one language, not empty */
export async function createLanguageIndex(
  passages: readonly Passage[],
  embedder: Embedder,
  encoder: TokenEncoder,
  options: EmbedOptions,
): Promise<LanguageIndex> {
  const units = unitsOf(passages);
  const lexical = createLexicalIndex(units);
  const likenessOf = await createLikenessIndex(units, embedder, options);
  await encoder.encodeKept(
    units.slice(0, warmUnits).map(({ text }) => text),
    "passage",
    options,
  );

  return {
    async retrieve(question, limit, retrieveOptions) {
      const text = foldText(question);
      if (wordsOf(text).length === 0) return [];
      const [asked] = await encoder.encode([text], "question", retrieveOptions);
      if (!asked) return [];
      const words = placedContentWords(text).slice(0, questionWordLimit);
      const stems = joinCompounds(indexTermsOf(text), lexical);
      const query: AskedQuestion = { text, words, stems, tokens: asked.matrix, weight: (word) => lexical.weight(stemOf(word)) };
      const shortlist = shortlisted(units, likenessOf(asked.vector), lexical, stems);
      const candidates = await withTokens(shortlist, encoder, retrieveOptions);
      return candidates
        .map((candidate) => examined(query, candidate))
        .map((own, _at, all) => evidenceOf(own, all))
        .sort(([left], [right]) => (right?.score ?? 0) - (left?.score ?? 0))
        .slice(0, limit)
        .flat();
    },
  };
}

type Shortlisted = Omit<Candidate, "told" | "answered">;

/** The units that are looked at closely. */
function shortlisted(
  units: readonly RetrievalUnit[],
  likenesses: readonly Likeness[],
  lexical: LexicalIndex,
  stems: readonly string[],
): Shortlisted[] {
  const hits = lexical.search(stems);
  const best = Math.max(1e-9, ...[...hits.values()].map(({ bm25 }) => bm25));
  return units
    .map((unit, at): Shortlisted => {
      const hit = hits.get(at);
      return { unit, likeness: likenesses[at] as Likeness, hit, relative: (hit?.bm25 ?? 0) / best };
    })
    .map((candidate) => ({ candidate, rank: firstRank(candidate) }))
    .sort((left, right) => right.rank - left.rank)
    .slice(0, compared)
    .map(({ candidate }) => candidate);
}

function firstRank({ likeness, relative }: Shortlisted): number {
  return Math.max(likeness.standing, likeness.sentenceStanding) + 0.5 * likeness.standing + Math.max(0, likeness.askedStanding) + relative;
}

async function withTokens(shortlist: readonly Shortlisted[], encoder: TokenEncoder, options: EmbedOptions): Promise<Candidate[]> {
  const told = await encoder.encodeKept(
    shortlist.map(({ unit }) => unit.text),
    "passage",
    options,
  );
  const asking = shortlist.filter(({ unit }) => unit.questions.length > 0);
  const answered = await encoder.encodeKept(
    asking.map(({ unit, likeness }) => unit.questions[likeness.nearestQuestion] as string),
    "question",
    options,
  );
  return shortlist.flatMap((candidate, at) => {
    const tokens = told[at];
    return tokens ? [{ ...candidate, told: tokens, answered: answered[asking.indexOf(candidate)] }] : [];
  });
}

interface Examined {
  readonly unit: RetrievalUnit;
  readonly own: OwnParts;
  readonly sentences: readonly SentenceParts[];
}

function examined(query: AskedQuestion, candidate: Candidate): Examined {
  const sentences = candidate.unit.passages.map((_, index) => sentencePartsOf(query, candidate, index));
  return { unit: candidate.unit, own: ownPartsOf(query, candidate, sentences), sentences };
}

function evidenceOf({ unit, own, sentences }: Examined, all: readonly Examined[]): Evidence[] {
  const others = all.filter((other) => other.unit.source.id !== unit.source.id);
  const parts = aheadParts(
    own,
    others.map((other) => other.own),
  );
  const score = unitProbability(parts);
  const found = { kind: unit.questions.length > 0 ? "answer" : "paragraph", parts } as const;
  return (
    unit.passages
      .map((passage, index): Evidence => {
        const sentence = sentences[index] as SentenceParts;
        return { passage, unit: found, parts: sentence, score, share: sentenceProbability(sentence) };
      })
      // Who names a day or a number wants to hear of that one, however well others read.
      .sort((left, right) => namesAll(right) - namesAll(left) || right.share - left.share)
  );
}

const namesAll = ({ parts }: Evidence) => Number(parts.numbers >= 1);

/** Joins "wi fi" to the known word "wifi". */
function joinCompounds(terms: readonly string[], lexical: LexicalIndex): string[] {
  const joined: string[] = [];
  for (let at = 0; at < terms.length; at++) {
    const pair = stemOf(`${terms[at]}${terms[at + 1] ?? ""}`);
    const compound = at + 1 < terms.length && /^[a-z]+$/u.test(pair) && lexical.has(pair);
    joined.push(compound ? pair : (terms[at] as string));
    if (compound) at++;
  }
  return [...new Set(joined)];
}
