import { ServiceError } from "@troupe/errors";
import type { Pronunciation } from "../backends/backend.ts";

const mostPronunciations = 500;
const longestWritten = 80;
const longestSpoken = 160;
// Letters and marks of any script, digits, and the signs that names hold.
const writtenForm = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’&+\-/·]*$/u;
const respellingForm = /^[\p{L}\p{M}\p{N} .,'’-]*[\p{L}\p{N}][\p{L}\p{M}\p{N} .,'’-]*$/u;
/** IPA with its marks and tone letters, or pinyin with tone numbers; no signs that mean something to a text front end. */
const phonesForm = /^[\p{L}\p{M}\p{Sk}0-9 .ˈˌːˑ'’\-|]+$/u;

/**
 * Refuses a pronunciation dictionary that is too long or holds what is no word.
 * @throws ServiceError INVALID_REQUEST, naming the first bad entry
 */
export function checkPronunciations(pronunciations: readonly Pronunciation[]): void {
  if (pronunciations.length > mostPronunciations)
    throw new ServiceError("INVALID_REQUEST", `at most ${mostPronunciations} pronunciations, not ${pronunciations.length}`);
  for (const [index, entry] of pronunciations.entries()) {
    const fault = faultOf(entry);
    if (fault !== undefined)
      throw new ServiceError("INVALID_REQUEST", `pronunciation ${index + 1}: ${fault}`, { metadata: { index: String(index) } });
  }
}

function faultOf({ written, language, spoken }: Pronunciation): string | undefined {
  if (written.length > longestWritten || !writtenForm.test(written))
    return `what is written must be 1 to ${longestWritten} letters, digits, spaces or signs of a name, starting with a letter or digit`;
  if (language !== undefined && !/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/.test(language)) return "its language is no BCP-47 tag";
  const [text, form, kind] =
    "phones" in spoken ? ([spoken.phones, phonesForm, "phones"] as const) : ([spoken.respelling, respellingForm, "respelling"] as const);
  if (text.length > longestSpoken || !form.test(text)) return `its ${kind} must be 1 to ${longestSpoken} letters, marks or spaces`;
  return undefined;
}
