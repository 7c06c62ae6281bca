import { readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

/** What every service reads. Names in the environment: TROUPE_ and the key in upper snake case. */
export const platformConfig = z.object({
  site: z.string().default("local").describe("site whose subjects this process uses"),
  natsUrl: z.string().default("nats://127.0.0.1:4222").describe("NATS server"),
  replica: z.string().optional().describe("id of this replica; default: stage, host and process"),
  pool: z.string().default("").describe("StagePool that started this process; empty: none"),
  acceleratorClass: z.string().default("").describe("AcceleratorClass this process runs on; empty: unknown"),
  host: z.string().default("127.0.0.1").describe("address to listen on"),
  advertiseHost: z.string().default("").describe("address at which others reach this process; empty: the one it listens on"),
  grpcPort: z.coerce.number().int().min(0).max(65535).default(0).describe("gRPC port; 0: any free one"),
  metricsPort: z.coerce.number().int().min(0).max(65535).default(0).describe("port of /metrics; 0: any free one"),
  maxSessions: z.coerce.number().int().min(1).max(10_000).default(16).describe("sessions this replica serves at most"),
  calibrate: z
    .enum(["auto", "off", "force"])
    .default("auto")
    .describe("whether a start measures how many sessions keep their deadlines: auto: in a pool, where nobody has yet; force: always"),
  calibrateSeconds: z.coerce.number().min(1).max(600).default(20).describe("how long that may take"),
  image: z.string().default("").describe("image this process runs, for measured capacities; empty: known by the package's version"),
  grantKey: z.string().min(32).describe("secret shared by the platform's services; at least 32 characters"),
  otlpUrl: z.string().default("").describe("OTLP/HTTP traces endpoint; empty: no traces"),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  cacheDir: z
    .string()
    .default(join(homedir(), ".cache", "troupe"))
    .describe("folder of downloaded models"),
  drainSeconds: z.coerce.number().min(0).max(3600).default(30).describe("how long SIGTERM waits for sessions"),
  portFile: z.string().default("").describe("file to write the bound ports to, as JSON"),
});

export type PlatformConfig = z.infer<typeof platformConfig>;

/**
 * Reads TROUPE_* variables over the JSON file that TROUPE_CONFIG names, once, validated and frozen.
 * @throws ServiceError INVALID_CONFIG naming every bad setting, or the file that cannot be read
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.infer<Schema>> {
  const values = env.TROUPE_CONFIG ? readFile(env.TROUPE_CONFIG) : {};
  for (const key of Object.keys(schema.shape)) {
    const value = env[`TROUPE_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`];
    if (value !== undefined) values[key] = value;
  }
  const result = schema.safeParse(values);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ServiceError("INVALID_CONFIG", problems.join("; "));
  }
  return Object.freeze(result.data);
}

function readFile(path: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new ServiceError("INVALID_CONFIG", `${path} (TROUPE_CONFIG) is no readable JSON object`, { cause });
  }
}

export const defaultReplica = (stage: string): string =>
  `${stage}-${hostname()
    .replaceAll(/[^A-Za-z0-9-]/g, "-")
    .slice(0, 40)}-${process.pid}`;
