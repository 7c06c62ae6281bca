import { createLogger } from "@troupe/service";
import { type Embedded, type EmbeddedOptions, startEmbedded } from "@troupe/troupe";

export type Platform = Embedded;

export interface PlatformOptions {
  /** Backends by stage; others their defaults. */
  readonly backends?: NonNullable<EmbeddedOptions["backends"]>;
}

/** Everything in this process, silent but for errors. */
export async function startPlatform({ backends = {} }: PlatformOptions = {}): Promise<Embedded> {
  const logger = createLogger("loadtest", process.env["TROUPE_LOG_LEVEL"] ?? "error");
  return await startEmbedded({ env: process.env, logger, backends });
}
