import { TurnAction } from "@troupe/contracts";
import type { LiveSession } from "../session/live-session.ts";
import type { Talk } from "./carry-out.ts";
import type { ClientEventOf, ResponseRequest } from "./protocol/client-event.ts";
import { refuseModalities } from "./protocol/session-update.ts";
import { invalid, unsupported } from "./protocol/unsupported.ts";

/** Answers what was said so far. */
export function createResponse({ session, translation }: Talk, { response }: ClientEventOf<"response.create">): void {
  if (response) refuseUnsupported(response);
  if (translation.responses.active !== undefined) throw invalid("", "a response is in progress already");
  const instructed = response?.instructions ? instruct(session, response.instructions) : () => undefined;
  const withdraw = translation.responses.expect({ metadata: response?.metadata ?? null, onDone: instructed });
  try {
    session.conversation.turn(TurnAction.RESPOND);
  } catch (thrown) {
    withdraw();
    instructed();
    throw thrown;
  }
}

/** Instructions for one response. @returns takes them back */
function instruct({ conversation }: LiveSession, text: string): () => void {
  const { id } = conversation.remember({ role: "system", text });
  return () => {
    if (conversation.items().some((item) => item.id === id)) conversation.forget(id);
  };
}

const sessionInstructions = "instructions";

/** Instructions for all responses from now on. */
export function instructSession({ conversation }: LiveSession, text: string): void {
  const known = conversation.items().some((item) => item.id === sessionInstructions);
  if (known) conversation.forget(sessionInstructions);
  if (text.trim() !== "") conversation.remember({ id: sessionInstructions, role: "system", text, afterId: "" });
}

export function cancelResponse({ session, translation }: Talk, { response_id: id }: ClientEventOf<"response.cancel">): void {
  const { active } = translation.responses;
  const response = id == null ? active : translation.ids.responseOf(id);
  if (response === undefined) throw invalid(id == null ? "" : "response_id", "there is no such response in progress");
  translation.responses.cancelledBy(response, "client_cancelled");
  session.conversation.turn(TurnAction.CANCEL, response);
}

function refuseUnsupported(response: ResponseRequest): void {
  if (response.conversation !== undefined && response.conversation !== "auto")
    throw unsupported("response.conversation", "responses outside the conversation are");
  if (response.input?.length) throw unsupported("response.input", "responses to other items than the conversation's are");
  if (response.tools?.length) throw unsupported("response.tools", "tools are");
  if (response.tool_choice === "required" || typeof response.tool_choice === "object")
    throw unsupported("response.tool_choice", "tools are");
  if (response.prompt) throw unsupported("response.prompt", "stored prompts are");
  if (response.max_output_tokens !== undefined && response.max_output_tokens !== "inf")
    throw unsupported("response.max_output_tokens", "a limit of tokens is");
  refuseModalities(response.output_modalities, "response");
}
