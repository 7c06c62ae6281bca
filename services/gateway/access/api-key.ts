import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** An API key: `trk_<id>_<secret>`. The id may be shown and logged, the key may not. */
export interface ApiKey {
  readonly id: string;
  /** The whole key. */
  readonly text: string;
}

const form = /^trk_([a-z0-9]{12})_[A-Za-z0-9_-]{43}$/;
const letters = "abcdefghijklmnopqrstuvwxyz012345";

/** A key that nobody can guess: 256 random bits. */
export function newApiKey(): ApiKey {
  const id = Array.from(randomBytes(12), (byte) => letters[byte % letters.length]).join("");
  return { id, text: `trk_${id}_${randomBytes(32).toString("base64url")}` };
}

/** @returns undefined where the text is no API key */
export function parseApiKey(text: string): ApiKey | undefined {
  const id = form.exec(text)?.[1];
  return id === undefined ? undefined : { id, text };
}

/**
 * What is stored of a key: one SHA-256 suffices. Slow hashes (scrypt, Argon2) protect passwords, which can be guessed from a list;
 * 256 random bits cannot, and a slow hash at every request would only help those who flood the gateway.
 */
export function hashApiKey({ text }: ApiKey): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** In constant time: how much of a wrong key is right cannot be measured. */
export function isKeyOf(stored: string, key: ApiKey): boolean {
  const given = Buffer.from(hashApiKey(key));
  const wanted = Buffer.from(stored);
  return given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
}
