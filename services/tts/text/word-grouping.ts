import { isCurrency } from "./number-reading.ts";
import { spokenPunctuation } from "./phone-classes.ts";
import { createToken, type Token } from "./token.ts";
import { subtokenPattern } from "./token-patterns.ts";

const punctuationTags = new Set([".", ",", "-LRB-", "-RRB-", "``", '""', "''", ":", "$", "#", "NFP"]);
const bracketPhones: Readonly<Record<string, string>> = { "-LRB-": "(", "-RRB-": ")", "``": "“", '""': "”", "''": "”" };

/** Cuts tagged tokens into sub-tokens, reads punctuation, carries currency signs to their amount, and groups what forms one word. */
export function groupWords(tagged: readonly Token[]): Token[][] {
  const tokens = tagged.map(cut);
  carryCurrency(tokens);
  return group(tokens.flat());
}

/** Reads what stands alone; an amount's last piece gets the sign before it. */
function carryCurrency(tokens: readonly (readonly Token[])[]): void {
  let currency: string | undefined;
  for (const [index, parts] of tokens.entries()) {
    const amountGoesOn = tokens[index + 1]?.[0]?.tag === "CD";
    for (const at of parts.keys()) currency = settlePart(parts, at, currency, amountGoesOn);
  }
}

/** @returns the currency sign in force after the part */
function settlePart(parts: readonly Token[], at: number, currency: string | undefined, amountGoesOn: boolean): string | undefined {
  const part = parts[at] as Token;
  if (readPunctuation(part)) return isCurrency(part.text) ? part.text : currency;
  if (currency === undefined) {
    if (isLeetTo(parts, at)) part.alias = "to";
    return undefined;
  }
  if (part.tag !== "CD") return undefined;
  if (at === parts.length - 1 && !amountGoesOn) part.currency = currency;
  return currency;
}

/** Neighbours without a space between them form a word, unless one of them stands alone. */
function group(parts: readonly Token[]): Token[][] {
  const words: Token[][] = [];
  let open: Token[] | undefined;
  for (const part of parts) {
    const isAlone = part.phones !== undefined || part.alias !== undefined;
    if (open && !isAlone) {
      part.isHead = false;
      open.push(part);
    } else {
      words.push([part]);
      open = isAlone ? undefined : words.at(-1);
    }
    if (part.spaceAfter) open = undefined;
  }
  return words;
}

function cut(token: Token): Token[] {
  const pieces = token.text.match(subtokenPattern) ?? [token.text];
  return pieces.map((piece, at) => createToken(piece, token.tag, at === pieces.length - 1 && token.spaceAfter));
}

/** Sets the phones of punctuation and signs that stand alone; false for what has to be read as a word. */
function readPunctuation(part: Token): boolean {
  if (part.tag === "$" && isCurrency(part.text)) part.phones = "";
  else if (part.tag === ":" && (part.text === "-" || part.text === "–")) part.phones = "—";
  else if (punctuationTags.has(part.tag) && !/^[A-Za-z]+$/.test(part.text)) {
    part.phones = bracketPhones[part.tag] ?? [...part.text].filter((character) => spokenPunctuation.has(character)).join("");
  } else return false;
  return true;
}

/** "B2B": a 2 between letters. */
function isLeetTo(parts: readonly Token[], at: number): boolean {
  const [before, after] = [parts[at - 1]?.text.at(-1), parts[at + 1]?.text[0]];
  return parts[at]?.text === "2" && before !== undefined && after !== undefined && /^\p{L}\p{L}$/u.test(before + after);
}
