import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import { type ClientEvent, clientEvent } from "./client-event.ts";
import { invalid } from "./unsupported.ts";

/** A message of a client, read; `eventId` is known as soon as the message is JSON. */
export type Read =
  | { readonly event: ClientEvent; readonly eventId: string | undefined }
  | { readonly error: ServiceError; readonly eventId: string | undefined };

const types = new Set<string>(clientEvent.options.map((option) => option.shape.type.value));

/** @param maxLength characters */
export function readClientEvent(text: string, maxLength: number): Read {
  if (text.length > maxLength)
    return { error: new ServiceError("INVALID_REQUEST", `a message may have ${maxLength} characters`), eventId: undefined };
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { error: new ServiceError("INVALID_REQUEST", "the message is not JSON"), eventId: undefined };
  }
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return { error: new ServiceError("INVALID_REQUEST", "the message is not an object"), eventId: undefined };
  const { event_id: id, type } = given as { readonly event_id?: unknown; readonly type?: unknown };
  const eventId = typeof id === "string" ? id.slice(0, 512) : undefined;
  if (typeof type !== "string") return { error: invalid("type", "the event has no type"), eventId };
  if (!types.has(type)) return { error: invalid("type", `there is no client event "${type.slice(0, 64)}"`), eventId };
  const result = clientEvent.safeParse(given);
  return result.success ? { event: result.data, eventId } : { error: complaint(result.error), eventId };
}

function complaint(error: z.ZodError): ServiceError {
  const issue = error.issues[0];
  const path = issue ? z.core.toDotPath(issue.path).slice(0, 200) : "";
  return invalid(path, `${path}: ${issue?.message ?? "invalid"}`.slice(0, 500));
}
