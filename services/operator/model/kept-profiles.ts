import type { Bus } from "@troupe/bus";
import { isServiceError, ServiceError } from "@troupe/errors";
import { type CapacityProfile, type Logger, profileBucket, profileTtlMs } from "@troupe/stage";
import { z } from "zod";

/** What replicas have measured and kept for others of their kind. */
export type KeptProfile = Pick<CapacityProfile, "models" | "acceleratorClass" | "image" | "sessions" | "p95LateMs" | "measuredTime"> & {
  readonly stage: string;
};

export interface KeptProfiles extends Disposable {
  list(): readonly KeptProfile[];
  /** @returns what ends it */
  onChange(handler: () => void): () => void;
}

export interface KeptProfilesDeps {
  readonly bus: Bus;
  readonly logger: Logger;
}

const profileSchema = z.object({
  stage: z.string(),
  models: z.array(z.string()),
  acceleratorClass: z.string(),
  image: z.string(),
  sessions: z.number(),
  p95LateMs: z.number(),
  measuredTime: z.iso.datetime(),
});

const none: KeptProfiles = { list: () => [], onChange: () => () => undefined, [Symbol.dispose]: () => undefined };

/** Follows the bucket in which replicas keep what they measured. Where NATS keeps nothing, there is none of it. */
export async function followKeptProfiles({ bus, logger }: KeptProfilesDeps): Promise<KeptProfiles> {
  const store = await bus.keyValue(profileBucket, { ttlMs: profileTtlMs }).catch((thrown: unknown) => {
    if (!isServiceError(thrown, "STORE_UNAVAILABLE")) throw thrown;
    logger.warn({ reason: thrown.reason }, "NATS keeps nothing: when capacities were measured is known by the replicas' start alone");
    return undefined;
  });
  if (!store) return none;
  const profiles = new Map<string, { readonly revision: number; readonly profile: KeptProfile }>();
  const handlers = new Set<() => void>();

  async function read(key: string): Promise<void> {
    const entry = await store?.get(key);
    if (!entry || entry.revision <= (profiles.get(key)?.revision ?? 0)) return;
    const profile = readProfile(entry.value);
    if (!profile) return logger.warn({ key }, "a measured capacity cannot be read");
    profiles.set(key, { revision: entry.revision, profile });
    for (const handler of handlers) handler();
  }

  const end = await store.watch((key, revision) => {
    // One that is gone was measured all the same.
    if (revision === undefined) return;
    read(key).catch((thrown: unknown) =>
      logger.warn({ key, reason: ServiceError.from(thrown).reason }, "a measured capacity could not be fetched"),
    );
  });
  return {
    list: () => [...profiles.values()].map(({ profile }) => profile),
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    [Symbol.dispose]() {
      end();
      handlers.clear();
    },
  };
}

function readProfile(value: Uint8Array): KeptProfile | undefined {
  try {
    return profileSchema.parse(JSON.parse(new TextDecoder().decode(value)));
  } catch {
    return undefined;
  }
}
