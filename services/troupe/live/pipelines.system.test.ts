import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Bus, connectNats } from "@troupe/bus";
import { SiteRoutesSchema, TenantAllotmentSchema } from "@troupe/contracts";
import { createGrants, siteBucketOptions, siteBuckets } from "@troupe/session";
import { createRegistry, type Registry, requestDrain } from "@troupe/stage";
import { systemClock } from "@troupe/timeline";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { root } from "../places.ts";
import { type ServiceProcess, startServiceProcess } from "../platform/service-process.ts";
import { startTestPlatform, type TestPlatform } from "../testing/test-platform.ts";

/** Budget: 60 s; two gateways and stub stages as processes, two of them in pools, and a real NATS server. */
let folder: string;
let platform: TestPlatform;
let bus: Bus;
let registry: Registry;
const pooled: ServiceProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-pipelines-"));
  const stubs = Object.fromEntries(["ASR", "LLM", "TTS", "FACE"].map((stage) => [`TROUPE_${stage}_BACKEND`, "stub"]));
  platform = await startTestPlatform({ replicas: { gateway: 2 }, env: stubs });
  await platform.kill("tts-1");
  for (const pool of ["tts-a", "tts-b"]) {
    const env = { ...platform.platform.env, TROUPE_POOL: pool, TROUPE_CALIBRATE: "off" };
    pooled.push(await startServiceProcess("tts", pool, { root, runDir: folder, env, detached: false }));
  }
  bus = await connectNats({ servers: platform.platform.natsUrl, name: "pipelines test" });
  registry = createRegistry(bus, "local", systemClock);
  await vi.waitUntil(() => ["tts-a", "tts-b"].every((replica) => registry.replica(replica)), { timeout: 10_000 });
});
afterAll(async () => {
  for (const { child } of pooled) child.kill("SIGKILL");
  registry?.[Symbol.dispose]();
  await bus?.drain();
  await platform?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** As the operator does. */
async function write(bucket: keyof typeof siteBuckets, key: string, value: Uint8Array): Promise<void> {
  const store = await bus.keyValue(siteBuckets[bucket], siteBucketOptions);
  const entry = await store.get(key);
  await (entry ? store.update(key, value, entry.revision) : store.create(key, value));
}
const route = (pipelines: MessageInitShape<typeof SiteRoutesSchema>["pipelines"]) =>
  write(
    "routes",
    "local",
    toBinary(SiteRoutesSchema, create(SiteRoutesSchema, { defaultPipeline: "sys/default", pipelines: pipelines ?? [] })),
  );
const allot = (limit: number) => {
  const allotment = create(TenantAllotmentSchema, { tenant: "demo", pipelines: [{ pipeline: "acme/talk", limit }] });
  return write("allotments", "local.demo", toBinary(TenantAllotmentSchema, allotment));
};
const served = (pipeline: string, ...pools: readonly string[]) => ({ pipeline, stages: [{ stage: "tts", pools: [...pools] }] });

async function call(gateway: string, method: string, path: string, body?: object) {
  const headers = body ? { "content-type": "application/json" } : {};
  const url = `http://127.0.0.1:${platform.process(gateway).ports.http}${path}`;
  const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
async function open(gateway: string, pipeline?: string) {
  const opened = await call(gateway, "POST", "/v1/sessions", { output: null, ...(pipeline !== undefined && { pipeline }) });
  if (opened.status === 201) onTestFinished(async () => void (await call("gateway-1", "DELETE", `/v1/sessions/${opened.body.id}`)));
  return opened;
}
/** Gateways hear of what the operator has written within milliseconds. @returns the first answer of that status */
async function openOnce(gateway: string, status: number, pipeline?: string) {
  for (let tries = 1; ; tries++) {
    const opened = await open(gateway, pipeline);
    if (opened.status === status) return opened;
    expect(tries, JSON.stringify(opened.body)).toBeLessThan(50);
    if (opened.status === 201) await call(gateway, "DELETE", `/v1/sessions/${opened.body.id}`);
  }
}
const sessionsAt = (replica: string) => registry.replica(replica)?.sessions;
const settled = (a: number, b: number) => vi.waitUntil(() => sessionsAt("tts-a") === a && sessionsAt("tts-b") === b, { timeout: 10_000 });

describe("a session of a pipeline", () => {
  it("is served by its own pools, moves to no other's, and is refused where there is no such pipeline", async () => {
    await route([served("acme/talk", "tts-a"), served("globex/talk", "tts-b")]);
    // tts-b has more seats free: without a route every second session would be there.
    for (const gateway of ["gateway-1", "gateway-2", "gateway-1", "gateway-2"]) await openOnce(gateway, 201, "acme/talk");
    await settled(4, 0);
    const unknown = await open("gateway-2", "acme/nothing");
    expect([unknown.status, unknown.body.error]).toMatchObject([404, { code: "PIPELINE_UNKNOWN", param: "pipeline" }]);
    const none = await open("gateway-2");
    expect([none.status, none.body.error]).toMatchObject([503, { code: "NO_REPLICA", metadata: { stage: "tts" } }]);

    const grants = createGrants(new TextEncoder().encode(platform.platform.env["TROUPE_GRANT_KEY"] ?? ""));
    await requestDrain({ bus, site: "local", grants }, { replica: "tts-a", stage: "tts" }, "Test");
    // Gateways hear of the drain with their next beat, twice a second.
    await vi.waitUntil(() => registry.replica("tts-a")?.admitting === false, { timeout: 5000 });
    const refused = await open("gateway-1", "acme/talk");
    expect([refused.status, refused.body.error.code]).toEqual([503, "NO_REPLICA"]);
    await settled(4, 0);
    await route([served("acme/talk", "tts-a", "tts-b"), served("globex/talk", "tts-b")]);
    await settled(0, 4);
  });

  it("is refused beyond what its tenant is allotted at the site, over both gateways", async () => {
    await route([served("acme/talk", "tts-b")]);
    await allot(0);
    for (const gateway of ["gateway-1", "gateway-2"]) await openOnce(gateway, 429);
    await allot(2);
    const one = await openOnce("gateway-1", 201);
    await openOnce("gateway-2", 201, "acme/talk");
    for (const gateway of ["gateway-1", "gateway-2"]) {
      const { status, headers, body } = await open(gateway);
      expect([status, headers.get("retry-after"), body.error]).toMatchObject([
        429,
        "5",
        { code: "LIMIT_REACHED", metadata: { limit: "tenant_sessions", value: "2", pipeline: "acme/talk" } },
      ]);
    }
    await call("gateway-2", "DELETE", `/v1/sessions/${one.body.id}`);
    expect((await open("gateway-2")).status).toBe(201);
  });
});
