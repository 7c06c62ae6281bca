import { ServiceError } from "@troupe/errors";
import { z } from "zod";

/** One document of a tenant: a Markdown file with front matter. */
export interface KnowledgeDocument {
  /** Unique within the tenant; what citations name. */
  readonly id: string;
  readonly title: string;
  /** BCP-47. */
  readonly language: string;
  /** Without the front matter. */
  readonly text: string;
}

const frontMatter = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/u),
  title: z.string().min(1).max(120),
  language: z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/u),
});

/**
 * Reads a document.
 * @param name of the file, for the message of the error
 * @throws ServiceError INVALID_CONFIG
 */
export function parseDocument(source: string, name: string): KnowledgeDocument {
  const match = /^---\r?\n(?<head>[\s\S]*?)\r?\n---\r?\n(?<body>[\s\S]*)$/u.exec(source);
  if (!match?.groups) throw new ServiceError("INVALID_CONFIG", `${name} does not begin with front matter between --- lines`);
  const fields = (match.groups.head as string)
    .split(/\r?\n/u)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, Math.max(colon, 0)).trim(), line.slice(colon + 1).trim()] as const;
    });
  const parsed = frontMatter.safeParse(Object.fromEntries(fields));
  if (!parsed.success) throw new ServiceError("INVALID_CONFIG", `${name}: ${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, text: (match.groups.body as string).trim() };
}
