import { createHash } from "node:crypto";
import type { StagePool } from "@troupe/kinds";

/** Ten hexadecimal digits that tell one template of a pool from another. The order of fields does not matter. */
export function revisionOf({ members, template }: StagePool["spec"]): string {
  return createHash("sha256").update(canonicalJson({ members, template })).digest("hex").slice(0, 10);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
