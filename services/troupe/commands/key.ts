import { existsSync } from "node:fs";
import { ServiceError } from "@troupe/errors";
import { hashApiKey, newApiKey, readKeysFile, type StoredKey, writeKeysFile } from "@troupe/gateway";
import { type Command, InvalidArgumentError } from "commander";

interface KeyFileOption {
  readonly file: string;
}

interface CreateOptions extends KeyFileOption {
  readonly tenant: string;
  readonly maxSessions?: number;
  readonly maxSessionSeconds?: number;
  readonly minutesPerDay?: number;
  readonly maxTextLength?: number;
  readonly motionOnly: boolean;
  readonly origin: readonly string[];
}

export function addKey(program: Command): void {
  const key = program.command("key").description("API keys of the gateway");
  withFile(key.command("create"))
    .description("make a key, and print it: this once only, since the file keeps its hash")
    .requiredOption("--tenant <name>", "whose key it is")
    .option("--max-sessions <n>", "sessions at a time", amount)
    .option("--max-session-seconds <n>", "length of a session", amount)
    .option("--minutes-per-day <n>", "of all its sessions, in a UTC day", amount)
    .option("--max-text-length <n>", "characters of one text to be said or answered", amount)
    .option("--motion-only", "clients may draw the avatar themselves", false)
    .option("--origin <origin>", "a page that may call with it, e.g. https://www.example.org; may be repeated", collect, [])
    .addHelpText("after", "\nGateways that run (TROUPE_KEYS_FILE) take it up within seconds.")
    .action(create);
  withFile(key.command("list")).description("keys, without their secrets").action(list);
  withFile(key.command("revoke"))
    .argument("<id>", "the part of the key between trk_ and the second underscore")
    .description("refuse a key from now on; sessions that run go on to their end")
    .action(revoke);
}

const withFile = (command: Command) =>
  command.option("--file <file>", "the keys file; default: TROUPE_KEYS_FILE, or keys.json", process.env["TROUPE_KEYS_FILE"] || "keys.json");

async function create(options: CreateOptions): Promise<void> {
  const { file, tenant, maxSessions, maxSessionSeconds, minutesPerDay, maxTextLength, motionOnly, origin } = options;
  const keys = existsSync(file) ? await readKeysFile(file) : new Map<string, StoredKey>();
  const made = newApiKey();
  const limits = { maxSessions, maxSessionSeconds, minutesPerDay, maxTextLength };
  const stored: StoredKey = {
    id: made.id,
    tenant,
    hash: hashApiKey(made),
    created: new Date().toISOString(),
    limits,
    motionOnly,
    origins: [...origin],
  };
  await writeKeysFile(file, [...keys.values(), stored]);
  console.error(`key ${made.id} of tenant ${tenant} is in ${file}; it is shown this once:`);
  console.log(made.text);
}

async function list({ file }: KeyFileOption): Promise<void> {
  for (const { id, tenant, created, revoked, limits, motionOnly, origins } of (await readKeysFile(file)).values()) {
    const given = Object.entries(limits).map(([name, value]) => `${name} ${value}`);
    const notes = [...given, ...(motionOnly ? ["motion"] : []), ...origins, ...(revoked ? [`REVOKED ${revoked}`] : [])];
    console.log([id, tenant.padEnd(16), created, ...notes].join("  "));
  }
}

async function revoke(id: string, { file }: KeyFileOption): Promise<void> {
  const keys = await readKeysFile(file);
  const key = keys.get(id);
  if (!key) throw new ServiceError("INVALID_REQUEST", `there is no key ${id} in ${file}; \`troupe key list\` shows them`);
  const revoked = key.revoked ?? new Date().toISOString();
  await writeKeysFile(
    file,
    [...keys.values()].map((each) => (each.id === id ? { ...each, revoked } : each)),
  );
  console.log(`revoked ${id}: new calls are refused; sessions that run go on to their end`);
}

function amount(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("must be a number above 0");
  return value;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
