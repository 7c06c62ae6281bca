import { createHash } from "node:crypto";
import type { KeyValueStore } from "@troupe/bus";
import { isServiceError } from "@troupe/errors";
import type { StageName } from "../edges.ts";
import type { FoundCapacity } from "./find-capacity.ts";

/** What a capacity depends on: where all of it is the same, so is the capacity. */
export interface ProfileSubject {
  readonly stage: StageName;
  readonly models: readonly string[];
  readonly acceleratorClass: string;
  /** Image, or version of the package. */
  readonly image: string;
  /** That the process may use at once. */
  readonly cpuMillicores: number;
  readonly cpuModel: string;
  /** Of the reference work. */
  readonly work: string;
}

/** A measured capacity, as JSON in the bucket `troupe-profiles`. */
export interface CapacityProfile extends ProfileSubject, FoundCapacity {
  /** Sessions that were tried at most. */
  readonly limit: number;
  readonly p95LateMs: number;
  readonly tookMs: number;
  /** ISO 8601, UTC. */
  readonly measuredTime: string;
}

export const profileBucket = "troupe-profiles";
/** Measured again after so long: a machine's neighbours change. */
export const profileTtlMs = 14 * 24 * 3_600_000;

/** `<stage>.<hash>`; the parts in a fixed order, so that the same subject has the same key in each process. */
export function profileKey(subject: ProfileSubject): string {
  const { stage, models, acceleratorClass, image, cpuMillicores, cpuModel, work } = subject;
  const parts = [stage, models, acceleratorClass, image, cpuMillicores, cpuModel, work];
  return `${stage}.${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40)}`;
}

/** Undefined where there is none, or none that tells about so many sessions. */
export async function readProfile(store: KeyValueStore, subject: ProfileSubject, limit: number): Promise<CapacityProfile | undefined> {
  const entry = await store.get(profileKey(subject));
  const profile = entry && parse(entry.value);
  // One that ended for want of time, or at a lower limit, does not tell what more would have held.
  const tells = profile && (profile.bound === "late" || profile.sessions >= limit || (profile.bound === "limit" && profile.limit >= limit));
  return tells ? profile : undefined;
}

/** The last one wins: all were measured alike. */
export async function writeProfile(store: KeyValueStore, profile: CapacityProfile): Promise<void> {
  const key = profileKey(profile);
  const value = new TextEncoder().encode(JSON.stringify(profile));
  const before = await store.get(key);
  try {
    await (before ? store.update(key, value, before.revision) : store.create(key, value));
  } catch (thrown) {
    if (!isServiceError(thrown, "RECORD_CONFLICT")) throw thrown;
  }
}

/** Undefined for what another version may have written. */
function parse(value: Uint8Array): CapacityProfile | undefined {
  try {
    const profile = JSON.parse(new TextDecoder().decode(value)) as Partial<CapacityProfile> | null;
    const isWhole = Number.isInteger(profile?.sessions) && Number.isInteger(profile?.limit) && Number(profile?.sessions) >= 1;
    return isWhole ? (profile as CapacityProfile) : undefined;
  } catch {
    return undefined;
  }
}
