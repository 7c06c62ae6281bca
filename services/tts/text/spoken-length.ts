import { ServiceError } from "@troupe/errors";

const mostSpoken = 4_000;

/**
 * Refuses a clause that a dictionary makes too long.
 * @param length characters, and phones or syllables in their place, once the dictionary's words are replaced
 * @throws ServiceError TEXT_TOO_LONG
 */
export function checkSpokenLength(length: number): void {
  if (length > mostSpoken)
    throw new ServiceError("TEXT_TOO_LONG", `with its pronunciations a clause holds at most ${mostSpoken} characters, not ${length}`);
}
