import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Pronunciation, PronunciationSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

/** A tenant's own words: what recognition should expect, and how the voice should say them. */
export interface TenantSpeech {
  readonly hotWords: readonly string[];
  readonly pronunciations: readonly Pronunciation[];
}

const words = z.string().trim().min(1).max(50);
const spoken = z.string().trim().min(1).max(100);
const entry = { written: words, language: z.string().max(35).default("") };
const pronunciation = z.union([z.strictObject({ ...entry, respelling: spoken }), z.strictObject({ ...entry, phones: spoken })]);
const tenantSpeech = z.strictObject({
  hotWords: z.array(words).max(100).default([]),
  pronunciations: z.array(pronunciation).max(500).default([]),
});

/**
 * Reads `<directory>/<tenant>/speech.json`; a tenant without one has no words of its own.
 * @param tenant a valid bus token
 * @throws ServiceError ASSET_INVALID
 */
export async function loadTenantSpeech(directory: string, tenant: string): Promise<TenantSpeech> {
  const path = join(directory, tenant, "speech.json");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return { hotWords: [], pronunciations: [] };
  const result = tenantSpeech.safeParse(parse(text));
  if (!result.success)
    throw new ServiceError("ASSET_INVALID", `speech.json of tenant ${tenant}: ${z.prettifyError(result.error)}`, { metadata: { tenant } });
  const { hotWords, pronunciations } = result.data;
  return { hotWords, pronunciations: pronunciations.map(toMessage) };
}

function toMessage(given: z.infer<typeof pronunciation>): Pronunciation {
  const { written, language } = given;
  return create(PronunciationSchema, {
    written,
    language,
    spoken: "respelling" in given ? { case: "respelling", value: given.respelling } : { case: "phones", value: given.phones },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
