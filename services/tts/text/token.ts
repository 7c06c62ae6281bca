/** A piece of a word on its way to phones. */
export interface Token {
  readonly text: string;
  /** Penn Treebank. */
  readonly tag: string;
  spaceAfter: boolean;
  /** undefined until read. */
  phones: string | undefined;
  /** Read as if it were written like this ("2" as "to"). */
  alias: string | undefined;
  /** The sign before an amount. */
  currency: string | undefined;
  /** First of its word. */
  isHead: boolean;
  /** Read with a space before it inside its word. */
  spaceBefore: boolean;
}

export function createToken(text: string, tag: string, spaceAfter: boolean): Token {
  return { text, tag, spaceAfter, phones: undefined, alias: undefined, currency: undefined, isHead: true, spaceBefore: false };
}

/** Neighbouring tokens as one unread token, tagged like the longest of them (capitals count twice). */
export function mergeTokens(tokens: readonly Token[]): Token {
  const first = tokens[0] as Token;
  const last = tokens.at(-1) as Token;
  const longest = tokens.reduce((best, token) => (caseWeight(token.text) > caseWeight(best.text) ? token : best));
  const currencies = tokens.map((token) => token.currency).filter((currency) => currency !== undefined);
  return {
    text: joinTexts(tokens),
    tag: longest.tag,
    spaceAfter: last.spaceAfter,
    phones: undefined,
    alias: undefined,
    currency: currencies.sort().at(-1),
    isHead: first.isHead,
    spaceBefore: first.spaceBefore,
  };
}

/** The texts as written. */
export function joinTexts(tokens: readonly Token[]): string {
  return tokens.map((token, index) => token.text + (token.spaceAfter && index < tokens.length - 1 ? " " : "")).join("");
}

/** The phones of one word's tokens. */
export function joinPhones(tokens: readonly Token[]): string {
  let phones = "";
  for (const token of tokens) {
    if (token.spaceBefore && phones !== "" && !/\s$/.test(phones) && token.phones) phones += " ";
    phones += token.phones ?? "";
  }
  return phones;
}

function caseWeight(text: string): number {
  let weight = 0;
  for (const character of text) weight += character === character.toLowerCase() ? 1 : 2;
  return weight;
}
