import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

const origin = z
  .string()
  .max(200)
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, "must be an origin such as https://www.example.org");

const limits = z.strictObject({
  maxSessions: z.int().min(1).optional(),
  maxSessionSeconds: z.int().min(1).optional(),
  minutesPerDay: z.number().positive().optional(),
  maxTextLength: z.int().min(1).optional(),
});

const storedKey = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{12}$/),
  tenant: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/),
  /** "sha256:" and the hash in hexadecimal; see api-key.ts. */
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  created: z.iso.datetime(),
  revoked: z.iso.datetime().optional(),
  /** Left out: no limit. */
  limits: limits.default({}),
  motionOnly: z.boolean().default(false),
  /** Origins of the pages that may call with this key, beside those that every key allows. */
  origins: z.array(origin).max(100).default([]),
});

const keysFile = z.strictObject({ version: z.literal(1), keys: z.array(storedKey).max(10_000) });

/** A key as the file keeps it. */
export type StoredKey = z.infer<typeof storedKey>;

/** Keys by id. @throws ServiceError INVALID_CONFIG naming the file and what is wrong in it */
export async function readKeysFile(path: string): Promise<ReadonlyMap<string, StoredKey>> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ServiceError("INVALID_CONFIG", `${path} (TROUPE_KEYS_FILE) cannot be read`, { cause });
  });
  const result = keysFile.safeParse(parse(text));
  if (!result.success)
    throw new ServiceError("INVALID_CONFIG", `${path} (TROUPE_KEYS_FILE) is no valid keys file: ${z.prettifyError(result.error)}`);
  return new Map(result.data.keys.map((key) => [key.id, key]));
}

/** Replaces the file in one step, so that whoever reads it sees the old keys or the new ones; only its owner may read it. @throws ServiceError INVALID_REQUEST */
export async function writeKeysFile(path: string, keys: Iterable<StoredKey>): Promise<void> {
  const result = keysFile.safeParse({ version: 1, keys: [...keys] });
  if (!result.success) throw new ServiceError("INVALID_REQUEST", z.prettifyError(result.error));
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}`;
  const file = await open(beside, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(result.data, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
