import { type MappedRewrite, rewriteAll } from "./mapped-text.ts";

/** Full-width letters, digits and signs to their plain form; Chinese punctuation stays. */
const fullWidth = rewriteAll(
  /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff03-\uff06\uff0b\uff0d-\uff0f\uff1d\uff20\uff3f\uff5e]/g,
  ([sign]) => String.fromCharCode((sign as string).charCodeAt(0) - 0xfee0),
);

/** Zero-width and control characters, private and unassigned ones, lone surrogates: nothing that is said. */
const invisible = rewriteAll(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Mn}]/gu, () => "");
const blank = rewriteAll(/[\p{Cc}\p{Z}]+/gu, () => " ");
const pictures = rewriteAll(/(?![\d#*©®™↔-⇿])(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator})+/gu, () => " ");

export const plainCharacters: readonly MappedRewrite[] = [invisible, blank, fullWidth, pictures];
