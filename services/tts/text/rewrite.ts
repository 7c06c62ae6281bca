/** One step of text normalisation; pure. Steps run in a fixed order, because later ones read what earlier ones wrote. */
export type Rewrite = (text: string) => string;

/** A decimal number with optional thousands separators, as a regular expression source. */
export const numberSource = String.raw`\d+(?:,\d{3})*(?:\.\d+)?`;

/** An alternation of the words, longest first, escaped. */
export function anyOf(words: Iterable<string>): string {
  return [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
    .join("|");
}

/** The singular for "1", else the plural. */
export function inflect(count: string, [singular, plural]: readonly [string, string]): string {
  return ["1", "1.0", "-1"].includes(count.replaceAll(",", "")) ? singular : plural;
}

/** A step that replaces every match of a pattern. */
export function replaceAll(pattern: RegExp, write: (match: RegExpExecArray) => string): Rewrite {
  return (text) => {
    let result = "";
    let from = 0;
    for (const match of text.matchAll(pattern)) {
      result += text.slice(from, match.index) + write(match);
      from = match.index + match[0].length;
    }
    return result + text.slice(from);
  };
}
