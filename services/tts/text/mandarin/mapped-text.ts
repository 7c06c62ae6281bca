/** A text that remembers which stretch of the original each of its characters (UTF-16 units) came from. */
export interface MappedText {
  readonly text: string;
  /** Per unit: where its stretch of the original starts. Ascending. */
  readonly from: readonly number[];
  /** Per unit: where its stretch ends. Units with the same stretch were written together ("2024" read as 二零二四). */
  readonly to: readonly number[];
}

/** One step of a normalisation that keeps the way back. */
export type MappedRewrite = (text: MappedText) => MappedText;

export function mapText(original: string): MappedText {
  const at = Array.from({ length: original.length }, (_, index) => index);
  return { text: original, from: at, to: at.map((index) => index + 1) };
}

/**
 * A step that replaces every match; undefined or the match itself leaves a match alone.
 * @param pattern global
 */
export function rewriteAll(pattern: RegExp, write: (match: RegExpExecArray) => string | undefined): MappedRewrite {
  return (given) => {
    const from: number[] = [];
    const to: number[] = [];
    let text = "";
    const keep = (start: number, end: number) => {
      text += given.text.slice(start, end);
      for (let index = start; index < end; index++) {
        from.push(given.from[index] as number);
        to.push(given.to[index] as number);
      }
    };
    let position = 0;
    for (const match of given.text.matchAll(pattern)) {
      const end = match.index + match[0].length;
      const written = write(match);
      if (written === undefined || written === match[0]) continue;
      keep(position, match.index);
      text += written;
      for (let index = 0; index < written.length; index++) {
        from.push(given.from[match.index] as number);
        to.push(given.to[end - 1] as number);
      }
      position = end;
    }
    keep(position, given.text.length);
    return { text, from, to };
  };
}
