import { ServiceError } from "@troupe/errors";

/** Characters of one typed text or line. */
export const textLimit = 4000;

/** @throws ServiceError TEXT_EMPTY, TEXT_TOO_LONG */
export function checkText(text: string): string {
  if (text.trim() === "") throw new ServiceError("TEXT_EMPTY", "the text is empty");
  if (text.length > textLimit) throw new ServiceError("TEXT_TOO_LONG", `the text has ${text.length} characters, ${textLimit} are allowed`);
  return text;
}
