/** Abbreviations that a name or an example follows: their full stop never ends a sentence. */
const neverEnds = new Set(
  "dr mr mrs ms prof st sr jr rev hon gen col capt lt sgt no nos vol fig eq ch sec art approx ca cf vs viz e.g i.e z.b d.h bzw nr inkl ave blvd rd".split(
    " ",
  ),
);

const closers = /["'”’»)\]]+$/u;
const wideEnd = /[。！？]["”’」』)）]*$/u;

/** True when a sentence ends at the end of `text`, whatever follows (Chinese and Japanese marks need no blank). */
export function endsWide(text: string): boolean {
  return wideEnd.test(text);
}

/**
 * True when a sentence ends at the end of `text`, which a blank and then `next` follow.
 * @param next first character of the next word
 */
export function endsSentence(text: string, next: string): boolean {
  const bare = text.replace(closers, "");
  if (/[!?…]$/u.test(bare)) return true;
  if (!bare.endsWith(".")) return false;
  if (/\p{Ll}/u.test(next)) return false;
  const word = (/[\p{L}\p{N}.]*$/u.exec(bare)?.[0] ?? "").replace(/\.+$/u, "");
  if (/^\p{Lu}$/u.test(word) && word !== "I") return false;
  return !neverEnds.has(word.toLowerCase());
}
