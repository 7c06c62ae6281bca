import { converse } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import { type Converse, type Embedded, type EmbeddedOptions, startEmbedded } from "@troupe/troupe";

export interface Platform extends Embedded {
  readonly converse: Converse;
}

export interface PlatformOptions {
  /** Backends by stage; others their defaults. */
  readonly backends?: NonNullable<EmbeddedOptions["backends"]>;
}

export const stubBackends = { asr: "stub", llm: "stub", tts: "stub", face: "stub" } as const;

/** Everything in this process, silent but for errors. */
export async function startPlatform({ backends = {} }: PlatformOptions = {}): Promise<Platform> {
  const logger = createLogger("loadtest", process.env["TROUPE_LOG_LEVEL"] ?? "error");
  const platform = await startEmbedded({ env: process.env, logger, backends });
  const { gateway, metrics } = platform;
  return { ...platform, converse: (requests, signal) => converse(gateway, metrics, requests, { signal }) };
}
