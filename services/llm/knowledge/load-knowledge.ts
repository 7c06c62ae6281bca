import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import { type KnowledgeDocument, parseDocument } from "./document.ts";
import { defaultPersona, type Persona, personaSchema } from "./persona.ts";
import { parseQuestionAnswers, type QuestionAnswer } from "./question-answer.ts";

/** What one tenant's avatar knows. */
export interface Knowledge {
  readonly tenant: string;
  readonly documents: readonly KnowledgeDocument[];
  readonly answers: readonly QuestionAnswer[];
  readonly persona: Persona;
}

export const knowledgeLimits = {
  tenants: 256,
  documentsPerTenant: 500,
  answersPerTenant: 2_000,
  documentBytes: 64 * 1024,
  answersBytes: 1024 * 1024,
  personaBytes: 64 * 1024,
} as const;

const tenantName = /^[A-Za-z0-9_-]{1,64}$/u;

/**
 * Reads every tenant's folder below `knowledgeDir`: its *.md files, its qa.json and qa-*.json, and persona.json.
 * @throws ServiceError INVALID_CONFIG naming the file
 */
export async function loadKnowledge(knowledgeDir: string): Promise<ReadonlyMap<string, Knowledge>> {
  const folders = (await entries(knowledgeDir)).filter((entry) => entry.isDirectory() && tenantName.test(entry.name));
  if (folders.length > knowledgeLimits.tenants) throw tooMany(knowledgeDir, "tenants", knowledgeLimits.tenants);
  const byTenant = new Map<string, Knowledge>();
  for (const folder of folders) byTenant.set(folder.name, await loadTenant(join(knowledgeDir, folder.name), folder.name));
  return byTenant;
}

/** What a tenant without a folder knows: nothing, so that its avatar greets, thanks and declines. */
export function emptyKnowledge(tenant: string): Knowledge {
  return { tenant, documents: [], answers: [], persona: defaultPersona };
}

async function loadTenant(folder: string, tenant: string): Promise<Knowledge> {
  const names = (await entries(folder)).filter((entry) => entry.isFile()).map((entry) => entry.name);
  const ids = new Set<string>();
  const claim = (id: string, path: string) => {
    if (ids.has(id)) throw new ServiceError("INVALID_CONFIG", `${path}: a second source ${id}`);
    ids.add(id);
  };
  const documents = await loadDocuments(
    folder,
    names.filter((name) => name.endsWith(".md")),
    claim,
  );
  const answers = await loadAnswers(
    folder,
    names.filter((name) => /^qa(?:-[\w-]+)?\.json$/u.test(name)),
    claim,
  );
  const persona = names.includes("persona.json") ? await readPersona(join(folder, "persona.json")) : defaultPersona;
  return { tenant, documents, answers, persona };
}

type Claim = (id: string, path: string) => void;

async function loadDocuments(folder: string, names: readonly string[], claim: Claim): Promise<KnowledgeDocument[]> {
  if (names.length > knowledgeLimits.documentsPerTenant) throw tooMany(folder, "documents", knowledgeLimits.documentsPerTenant);
  const documents: KnowledgeDocument[] = [];
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const document = parseDocument(await read(path, knowledgeLimits.documentBytes), path);
    claim(document.id, path);
    documents.push(document);
  }
  return documents;
}

async function loadAnswers(folder: string, names: readonly string[], claim: Claim): Promise<QuestionAnswer[]> {
  const answers: QuestionAnswer[] = [];
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    for (const answer of parseQuestionAnswers(await read(path, knowledgeLimits.answersBytes), path)) {
      claim(answer.id, path);
      answers.push(answer);
    }
  }
  if (answers.length > knowledgeLimits.answersPerTenant) throw tooMany(folder, "answers", knowledgeLimits.answersPerTenant);
  return answers;
}

async function readPersona(path: string): Promise<Persona> {
  let json: unknown;
  try {
    json = JSON.parse(await read(path, knowledgeLimits.personaBytes));
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError("INVALID_CONFIG", `${path} is not JSON`, { cause: error });
  }
  const parsed = personaSchema.safeParse(json);
  if (!parsed.success) throw new ServiceError("INVALID_CONFIG", `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function read(path: string, limitBytes: number): Promise<string> {
  const { size } = await stat(path);
  if (size > limitBytes) throw new ServiceError("INVALID_CONFIG", `${path} has ${size} bytes; at most ${limitBytes} are read`);
  return await readFile(path, "utf8");
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new ServiceError("INVALID_CONFIG", `the knowledge folder ${folder} cannot be read`, { cause: error });
  }
}

function tooMany(folder: string, what: string, limit: number): ServiceError {
  return new ServiceError("INVALID_CONFIG", `${folder} holds more than ${limit} ${what}`);
}
