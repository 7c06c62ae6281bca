import { isCurrency } from "./number-reading.ts";
import { spokenPunctuation } from "./phone-classes.ts";
import { createToken, type Token } from "./token.ts";
import { subtokenPattern } from "./token-patterns.ts";

const punctuationTags = new Set([".", ",", "-LRB-", "-RRB-", "``", '""', "''", ":", "$", "#", "NFP"]);
const bracketPhones: Readonly<Record<string, string>> = { "-LRB-": "(", "-RRB-": ")", "``": "“", '""': "”", "''": "”" };

/** Cuts tagged tokens into sub-tokens, reads punctuation, carries currency signs to their amount, and groups what forms one word. */
export function groupWords(tagged: readonly Token[]): Token[][] {
  const words: Token[][] = [];
  let currency: string | undefined;
  let open = false;
  for (const [index, token] of tagged.entries()) {
    const parts = cut(token);
    for (const [at, part] of parts.entries()) {
      const isAlone = readPunctuation(part);
      if (isAlone && isCurrency(part.text)) currency = part.text;
      if (!isAlone && currency !== undefined) {
        const endsAmount = at === parts.length - 1 && tagged[index + 1]?.tag !== "CD";
        if (part.tag !== "CD") currency = undefined;
        else if (endsAmount) part.currency = currency;
      } else if (!isAlone && isLeetTo(parts, at)) {
        part.alias = "to";
      }
      const previous = words.at(-1);
      if (isAlone || part.alias !== undefined) {
        words.push([part]);
        open = false;
      } else if (open && previous && !previous.at(-1)?.spaceAfter) {
        part.isHead = false;
        previous.push(part);
      } else {
        words.push([part]);
        open = !part.spaceAfter;
      }
    }
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
