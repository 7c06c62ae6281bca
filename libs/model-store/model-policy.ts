import { join } from "node:path";
import satisfies from "spdx-satisfies";
import { z } from "zod";
import type { ModelManifest } from "./manifest.ts";
import { readSettings } from "./settings-file.ts";
import { isSignedBy } from "./signature.ts";

/** What an operator asks of every model. An absent field asks nothing. */
export interface ModelPolicy {
  /** SPDX ids; the licence expression of a model must be satisfied by them. */
  readonly requireLicense?: readonly string[] | undefined;
  /** Ed25519 public keys (SPKI: PEM, or the base64 inside it), of which one must have signed the manifest. */
  readonly requireSignature?: readonly string[] | undefined;
  readonly requireFilingNumber?: boolean | undefined;
}

/** A manifest as it lies on disk. */
export interface ManifestEvidence {
  readonly manifest: ModelManifest;
  readonly bytes: Buffer;
  /** Content of manifest.sig. */
  readonly signature: string | undefined;
}

const policySchema = z.strictObject({
  requireLicense: z.array(z.string()).optional(),
  requireSignature: z.array(z.string()).optional(),
  requireFilingNumber: z.boolean().optional(),
});

/** policy.json beside the models; asks nothing when there is none. @throws ServiceError INVALID_CONFIG */
export async function readModelPolicy(manifestDir: string): Promise<ModelPolicy> {
  return (await readSettings(join(manifestDir, "policy.json"), policySchema)) ?? {};
}

type Demand = (evidence: ManifestEvidence, policy: ModelPolicy) => string | undefined;

const demands: readonly Demand[] = [demandLicense, demandSignature, demandFilingNumber];

/** Why the policy refuses a model; undefined when it does not. */
export function refusalOf(evidence: ManifestEvidence, policy: ModelPolicy): string | undefined {
  for (const demand of demands) {
    const refusal = demand(evidence, policy);
    if (refusal) return refusal;
  }
  return undefined;
}

function demandLicense({ manifest }: ManifestEvidence, { requireLicense }: ModelPolicy): string | undefined {
  if (!requireLicense || isSatisfied(manifest.license, requireLicense)) return undefined;
  return `its licence ${manifest.license} is not among those allowed (${requireLicense.join(", ")})`;
}

/** A licence that is no SPDX expression satisfies nothing. */
function isSatisfied(expression: string, allowed: readonly string[]): boolean {
  try {
    return satisfies(expression, [...allowed]);
  } catch {
    return false;
  }
}

function demandSignature(evidence: ManifestEvidence, { requireSignature }: ModelPolicy): string | undefined {
  if (!requireSignature) return undefined;
  if (evidence.signature === undefined) return "its manifest is not signed (no manifest.sig)";
  if (isSignedBy(evidence.bytes, evidence.signature, requireSignature)) return undefined;
  return "none of the trusted keys signed its manifest as it is";
}

function demandFilingNumber({ manifest }: ManifestEvidence, { requireFilingNumber }: ModelPolicy): string | undefined {
  return requireFilingNumber && !manifest.filingNumber ? "its manifest has no filingNumber" : undefined;
}
