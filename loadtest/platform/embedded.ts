import { createLogger } from "@troupe/service";
import { type Embedded, type EmbeddedOptions, startEmbedded } from "@troupe/troupe";

export const stubBackends = { asr: "stub", llm: "stub", tts: "stub", face: "stub" } as const;

/** Everything in this process, silent but for errors. */
export async function startSilently(backends: NonNullable<EmbeddedOptions["backends"]> = {}): Promise<Embedded> {
  const logger = createLogger("loadtest", process.env["TROUPE_LOG_LEVEL"] ?? "error");
  return await startEmbedded({ env: process.env, logger, backends });
}
