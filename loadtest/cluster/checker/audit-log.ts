import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";

/** One answered request, as the API server's audit log has it. */
export interface AuditedRequest {
  /** Who asked; of an impersonation, whom they were. */
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** HTTP status. */
  readonly code: number;
  /** When it arrived, milliseconds since 1970 with a fraction. */
  readonly utcMs: number;
}

interface RawEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

/** Every answered request, in the order of the log. The server starts a new file each 100 MB; all of them are read. */
export async function* readAuditLog(path: string): AsyncGenerator<AuditedRequest> {
  for (const file of await filesOf(path)) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const request = parseAuditLine(line);
      if (request) yield request;
    }
  }
}

/** The rotated ones carry their time before the extension, so they come first, the oldest at the front. */
async function filesOf(path: string): Promise<readonly string[]> {
  const [stem, extension] = basename(path).split(".") as [string, string];
  const names = await readdir(dirname(path));
  const rotated = names.filter((name) => name.startsWith(`${stem}-`) && name.endsWith(`.${extension}`)).sort();
  return [...rotated, basename(path)].map((name) => join(dirname(path), name));
}

/** @returns undefined for what is no answer, and for a last line that is still being written */
export function parseAuditLine(line: string): AuditedRequest | undefined {
  let event: RawEvent;
  try {
    event = JSON.parse(line) as RawEvent;
  } catch {
    return undefined;
  }
  if (event.stage !== "ResponseComplete" && event.stage !== "ResponseStarted") return undefined;
  const { resource = "", subresource = "", namespace = "", name = "" } = event.objectRef ?? {};
  return {
    user: event.impersonatedUser?.username ?? event.user.username,
    verb: event.verb,
    resource,
    subresource,
    namespace,
    name,
    code: event.responseStatus?.code ?? 0,
    utcMs: utcMsOf(event.requestReceivedTimestamp),
  };
}

/** Milliseconds since 1970 of an RFC 3339 time with microseconds, which Date would cut off. */
function utcMsOf(time: string): number {
  const micros = /\.\d{3}(\d{3})Z$/.exec(time)?.[1];
  return Date.parse(time) + (micros === undefined ? 0 : Number(micros) / 1000);
}
