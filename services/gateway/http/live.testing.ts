import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, createMemoryBroker } from "@troupe/bus";
import { createLogger } from "@troupe/service";
import { createGrants } from "@troupe/session";
import { createManualClock, type ManualClock } from "@troupe/testkit";
import { type Clock, systemClock } from "@troupe/timeline";
import { defaultEndpointPolicy } from "@troupe/vad";
import { Registry } from "prom-client";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { hashApiKey, newApiKey } from "../access/api-key.ts";
import { type StoredKey, writeKeysFile } from "../access/keys-file.ts";
import { createGateway } from "../create-gateway.ts";
import type { Gateway } from "../gateway.ts";
import { createGatewayMetrics } from "../metrics.ts";
import { defaultSessionTimes } from "../session/session-time.ts";
import { defaultTurnPolicy } from "../turn-taking/index.ts";
import { webRtcConfig } from "../webrtc/webrtc-config.ts";
import { liveConfig } from "./live-config.ts";
import type { LiveServer } from "./live-server.ts";
import { type StartLiveConfig, startLive } from "./start-live.ts";

export const logger = createLogger("test", "silent");
export const grantKey = "a key of the platform, for tests only";
/** A Tuesday, at noon. */
export const noonMs = Date.UTC(2026, 10, 24, 12);

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "troupe-live-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that stands, and the wall clock beside it. */
export function standingClock(startUtcMs = noonMs): { readonly clock: ManualClock; readonly utcNowMs: () => number } {
  const clock = createManualClock();
  return { clock, utcNowMs: () => startUtcMs + clock.nowMs() };
}

/** A gateway whose stages have not been started: it refuses sessions with NO_REPLICA. */
export function idleGateway(clock: Clock = systemClock, bus: Bus = createMemoryBroker().connect()): Gateway {
  const grants = createGrants(new TextEncoder().encode(grantKey));
  const metrics = createGatewayMetrics(new Registry());
  const gateway = createGateway(
    { bus, controlBus: bus, grants, clock, logger, metrics, vad: undefined as never, utcNowMs: Date.now },
    {
      site: "local",
      gateway: "test",
      maxSessions: 4,
      avatarDir: join(import.meta.dirname, "../../../models/avatars"),
      knowledgeDir: join(import.meta.dirname, "../../../models/knowledge"),
      defaultAvatar: "mara",
      turnPolicy: defaultTurnPolicy,
      endpointPolicy: defaultEndpointPolicy,
      replicaWaitMs: 0,
      resumeWindowMs: 30_000,
      times: defaultSessionTimes,
    },
  );
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  return gateway;
}

/** The server on a real port, in front of an idle gateway. */
export async function startTestServer(config: Partial<StartLiveConfig> = {}): Promise<LiveServer> {
  const settings = z.object({ ...liveConfig, ...webRtcConfig }).parse({});
  const avatarDir = join(import.meta.dirname, "../../../models/avatars");
  const metrics = createGatewayMetrics(new Registry());
  const server = await startLive(
    { gateway: idleGateway(), clock: systemClock, logger, metrics, utcNowMs: Date.now },
    { ...settings, site: "local", grantKey, avatarDir, defaultAvatar: "mara", ...config },
  );
  onTestFinished(() => server.close());
  return server;
}

/** A keys file with one key of each tenant. @returns the file, and the keys as callers send them */
export async function keysFile(
  tenants: readonly string[],
  extra: Partial<StoredKey> = {},
): Promise<{ readonly file: string; readonly keys: readonly string[]; readonly stored: readonly StoredKey[] }> {
  const file = join(await temporaryFolder(), `${randomBytes(4).toString("hex")}.json`);
  const made = tenants.map((tenant) => ({ tenant, key: newApiKey() }));
  const stored = made.map(({ tenant, key }) => ({
    id: key.id,
    tenant,
    hash: hashApiKey(key),
    created: new Date(noonMs).toISOString(),
    limits: {},
    motionOnly: false,
    origins: [],
    ...extra,
  }));
  await writeKeysFile(file, stored);
  return { file, keys: made.map(({ key }) => key.text), stored };
}
