import { ServiceError } from "@troupe/errors";

/** Characters of one typed text or line. */
export const textLimit = 4000;

/** @param limit of the caller, if lower than everybody's. @throws ServiceError TEXT_EMPTY, TEXT_TOO_LONG */
export function checkText(text: string, limit = textLimit): string {
  const allowed = Math.min(limit, textLimit);
  if (text.trim() === "") throw new ServiceError("TEXT_EMPTY", "the text is empty");
  if (text.length > allowed) throw new ServiceError("TEXT_TOO_LONG", `the text has ${text.length} characters, ${allowed} are allowed`);
  return text;
}
