import { ServiceError } from "@troupe/errors";
import type { DialogueRequest, Message, ReplyOptions } from "./backend.ts";

const maxMessages = 64;
const maxMessageChars = 8_000;

/**
 * The message to answer, after checking the bounds of the request.
 * @throws ServiceError INVALID_REQUEST, TEXT_EMPTY, TEXT_TOO_LONG
 */
export function messageToAnswer(request: DialogueRequest): Message {
  if (request.messages.length > maxMessages) {
    throw new ServiceError("INVALID_REQUEST", `messages: ${request.messages.length} were sent, at most ${maxMessages} are read`);
  }
  if (request.messages.some((message) => message.text.length > maxMessageChars)) {
    throw new ServiceError("TEXT_TOO_LONG", `a message is longer than ${maxMessageChars} characters`);
  }
  const last = request.messages.at(-1);
  if (last?.role !== "user") throw new ServiceError("INVALID_REQUEST", "messages: the last one must be the person's");
  if (last.text.trim() === "") throw new ServiceError("TEXT_EMPTY", "the message to answer is empty");
  return last;
}

/** @throws ServiceError CANCELLED when the caller has aborted, DEADLINE when its time is over. */
export function assertWanted(options: ReplyOptions): void {
  if (options.signal?.aborted) throw ServiceError.from(options.signal.reason);
  if (performance.now() > options.deadlineMs) throw new ServiceError("DEADLINE", "the reply was not ready in time");
}
