/**
 * Names of the things of one session, made of their numbers: a client that comes back finds what it knew, and nothing need be kept.
 */
export interface Ids {
  readonly conversation: string;
  utterance(number: number): string;
  answer(response: number): string;
  response(number: number): string;
  /** Of the response whose item or response id this is. */
  responseOf(id: string): number | undefined;
  /** Name of an item in the history of the conversation. */
  remembered(id: string): string;
}

/** @param session id of the session */
export function createIds(session: string): Ids {
  const key = session.replaceAll("-", "").slice(0, 12);
  const pattern = new RegExp(`^(?:item_${key}r|resp_${key})(\\d{1,9})$`);
  const item = new RegExp(`^item_${key}([ur])(\\d{1,9})$`);
  return {
    conversation: `conv_${key}`,
    utterance: (number) => `item_${key}u${number}`,
    answer: (response) => `item_${key}r${response}`,
    response: (number) => `resp_${key}${number}`,
    responseOf(id) {
      const digits = pattern.exec(id)?.[1];
      return digits === undefined ? undefined : Number(digits);
    },
    remembered(id) {
      const [, kind, digits] = item.exec(id) ?? [];
      return kind === undefined ? id : `${kind === "u" ? "utterance" : "response"}-${digits}`;
    },
  };
}
