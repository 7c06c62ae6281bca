import type { Command } from "commander";

export interface SiteOptions {
  readonly nats: string;
  readonly site: string;
}

/** Whom a command asks. */
export const addSiteOptions = (command: Command): Command =>
  command
    .option("--nats <url>", "NATS server of the site", process.env["TROUPE_NATS_URL"] ?? "nats://127.0.0.1:4222")
    .option("--site <name>", "site", process.env["TROUPE_SITE"] ?? "local");
