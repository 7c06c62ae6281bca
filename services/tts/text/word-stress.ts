import { primaryStress, stressWeight, withStress } from "./stress.ts";
import type { Token } from "./token.ts";

/** Leaves about half of a compound's parts with a primary stress, the lightest giving theirs up first; spaced parts keep theirs. */
export function settleWordStress(word: readonly Token[]): void {
  const isSpaced = hasMixedCharacters(word);
  for (const [index, token] of word.entries()) if (index > 0) token.spaceBefore = isSpaced;
  if (isSpaced) return;
  const parts = word.filter((token) => token.phones).map((token) => ({ token, phones: token.phones as string }));
  if (parts.length === 2 && parts[0]?.token.text.length === 1) {
    weaken(parts[1]);
    return;
  }
  const stressed = parts.filter(({ phones }) => phones.includes(primaryStress)).length;
  if (parts.length < 2 || stressed <= Math.floor((parts.length + 1) / 2)) return;
  const order = parts.toSorted((a, b) => rank(a.phones) - rank(b.phones));
  for (const part of order.slice(0, Math.floor(parts.length / 2))) weaken(part);
}

/** Letters, digits and signs in one word ("F16", "mp3-player") are read with gaps. */
function hasMixedCharacters(word: readonly Token[]): boolean {
  const text = word.map((token, index) => token.text + (token.spaceAfter && index < word.length - 1 ? " " : "")).join("");
  if (/[ /]/.test(text)) return true;
  const kinds = new Set<string>();
  for (const character of text.replace(/[',\-._‘’/]/g, "")) {
    kinds.add(/\p{L}/u.test(character) ? "letter" : /[0-9]/.test(character) ? "digit" : "sign");
  }
  return kinds.size > 1;
}

/** Unstressed parts first, then by weight. */
function rank(phones: string): number {
  return (phones.includes(primaryStress) ? 10_000 : 0) + stressWeight(phones);
}

function weaken(part: { readonly token: Token; readonly phones: string } | undefined): void {
  if (part) part.token.phones = withStress(part.phones, -0.5);
}
