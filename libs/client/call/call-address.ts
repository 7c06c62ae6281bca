import type { CallOptions } from "./call-options.ts";

/** The socket's address. What the session is like goes with its first event. */
export function socketAddress({ avatar }: Pick<CallOptions, "avatar">, base: string, resumeToken: string | undefined): string {
  const url = new URL("/v1/realtime", base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("media", "binary");
  if (avatar) url.searchParams.set("model", avatar);
  if (resumeToken !== undefined) url.searchParams.set("resume", resumeToken);
  return url.href;
}

/** As OpenAI's browser clients do: headers cannot be set on a browser's socket. */
export const socketProtocols = (token: string | undefined): string[] =>
  token === undefined ? [] : ["realtime", `openai-insecure-api-key.${token}`];
