import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashApiKey, newApiKey, writeKeysFile } from "@troupe/gateway";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { RealtimeCaller } from "../testing/realtime-caller.ts";
import { startTestPlatform, type TestPlatform } from "../testing/test-platform.ts";

/** Budget: 90 s; three gateways and a real NATS server, whose records outlive each of them. */
const resumeWindowSeconds = 3;
const webhookSecret = `whsec_${Buffer.from("twenty-four bytes of key").toString("base64")}`;
const hooks: { readonly type: string; readonly data: Record<string, unknown> }[] = [];
const receiver = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  hooks.push(JSON.parse(body));
  response.end();
});
const key = newApiKey();
let folder: string;
let platform: TestPlatform;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-handover-"));
  const [TROUPE_KEYS_FILE, TROUPE_WEBHOOKS_FILE] = [join(folder, "keys.json"), join(folder, "webhooks.json")];
  const created = new Date().toISOString();
  await writeKeysFile(TROUPE_KEYS_FILE, [
    { id: key.id, tenant: "demo", hash: hashApiKey(key), created, limits: {}, motionOnly: false, origins: [] },
  ]);
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const endpoint = { tenant: "demo", url, secret: webhookSecret, private: true, text: true };
  await writeFile(TROUPE_WEBHOOKS_FILE, JSON.stringify({ version: 1, endpoints: [endpoint] }));
  const stubs = Object.fromEntries(["ASR", "LLM", "TTS", "FACE"].map((stage) => [`TROUPE_${stage}_BACKEND`, "stub"]));
  const env = {
    ...stubs,
    TROUPE_KEYS_FILE,
    TROUPE_WEBHOOKS_FILE,
    TROUPE_RESUME_WINDOW_SECONDS: String(resumeWindowSeconds),
    TROUPE_DRAIN_SECONDS: "1",
  };
  platform = await startTestPlatform({ replicas: { gateway: 3 }, env });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  receiver.close();
  await rm(folder, { recursive: true, force: true });
});

const baseOf = (gateway: string) => `http://127.0.0.1:${platform.process(gateway).ports.http}`;

async function call(gateway: string, method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${key.text}`, ...(body ? { "content-type": "application/json" } : {}) };
  const response = await fetch(baseOf(gateway) + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: response.status, body: await response.json() };
}

/** A session that a back end opened for a browser. */
async function open(gateway: string): Promise<{ readonly id: string; readonly secret: string; readonly created_at: number }> {
  const { status, body } = await call(gateway, "POST", "/v1/sessions", { output: null, language: "en" });
  expect(status, JSON.stringify(body)).toBe(201);
  return { id: body.id, secret: body.client_secret.value, created_at: body.created_at };
}

async function connect(gateway: string, secret: string): Promise<RealtimeCaller> {
  const caller = await RealtimeCaller.open(`${baseOf(gateway)}/v1/realtime?media=none`, ["realtime", `openai-insecure-api-key.${secret}`]);
  caller.send({ type: "troupe.ping", t: 1 });
  return caller;
}

async function says(caller: RealtimeCaller, text: string): Promise<void> {
  const from = caller.mark;
  caller.send({ type: "troupe.say", text, language: "en" });
  await caller.next("response.done", from);
}

/** Resolves when what happened until now is in the record: it is written within 250 ms of a change. */
async function recorded(gateway: string, id: string): Promise<void> {
  const seconds = async () => (await call(gateway, "GET", `/v1/sessions/${id}/usage`)).body.session_seconds;
  const now = await seconds();
  await vi.waitUntil(async () => (await seconds()) > now + 0.7, { timeout: 5000 });
}

const told = (session: string, type: string) => hooks.filter((hook) => hook.type === type && hook.data["session_id"] === session);
const textsOf = (entries: readonly { text: string }[]) => entries.map(({ text }) => text);

describe("a session that outlives its gateways", () => {
  it("is found by its client secret at any of them, with what was said and used; only its end is told as one, once", async () => {
    const { id, secret, created_at } = await open("gateway-1");
    const first = await connect("gateway-1", secret);
    expect(await first.next("troupe.session.started")).toMatchObject({ session_id: id });
    await says(first, "Before the kill.");
    const before = (await call("gateway-1", "GET", `/v1/sessions/${id}/usage`)).body;
    await recorded("gateway-1", id);
    await platform.kill("gateway-1");
    await first.closed;

    const second = await connect("gateway-2", secret);
    expect(await second.next("troupe.session.started")).toMatchObject({ session_id: id, resumed: true });
    const after = (await call("gateway-2", "GET", `/v1/sessions/${id}/usage`)).body;
    expect(after.session_seconds).toBeGreaterThan(before.session_seconds + 0.5);
    expect(after).toMatchObject({ responses: 1, spoken_seconds: before.spoken_seconds });
    expect((await call("gateway-2", "GET", `/v1/sessions/${id}`)).body.created_at).toBe(created_at);
    await says(second, "After it.");
    expect(textsOf((await call("gateway-2", "GET", `/v1/sessions/${id}/transcript`)).body.data)).toEqual(["Before the kill.", "After it."]);

    const drained = platform.drain("gateway-2");
    expect((await second.closed).code).toBe(1001);
    const third = await connect("gateway-3", secret);
    expect(await third.next("troupe.session.started")).toMatchObject({ session_id: id, resumed: true });
    expect(await drained).toBe(0);
    expect(told(id, "session.ended")).toEqual([]);

    const ended = await call("gateway-3", "DELETE", `/v1/sessions/${id}`);
    expect(ended.body).toMatchObject({ deleted: true, usage: { responses: 2 } });
    expect(textsOf(ended.body.transcript.data)).toEqual(["Before the kill.", "After it."]);
    await vi.waitUntil(() => told(id, "session.ended").length > 0, { timeout: 5000 });
    expect(told(id, "session.created")).toHaveLength(1);
    expect(told(id, "session.ended")).toMatchObject([{ data: { reason: "removed", usage: { responses: 2 } } }]);
    const gone = await connect("gateway-3", secret);
    expect(await gone.next("error")).toMatchObject({ error: { code: "SESSION_UNKNOWN" } });
  });

  it("and that nobody comes back to when its gateway was killed is told as ended, once", async () => {
    await Promise.all(["gateway-1", "gateway-2"].map((name) => platform.restart(name)));
    const { id, secret } = await open("gateway-3");
    const caller = await connect("gateway-3", secret);
    await caller.next("troupe.session.started");
    await says(caller, "The last words.");
    await recorded("gateway-3", id);
    await platform.kill("gateway-3");
    await vi.waitUntil(() => told(id, "session.ended").length > 0, { timeout: 40_000 });
    // The other of the two looks every 2 s.
    const [, again] = [await open("gateway-1"), await open("gateway-2")];
    await call("gateway-2", "DELETE", `/v1/sessions/${again.id}`);
    await vi.waitUntil(() => told(again.id, "session.ended").length > 0, { timeout: 5000 });
    expect(told(id, "session.ended")).toMatchObject([
      { data: { reason: "lost", usage: { responses: 1 }, transcript: [{ role: "avatar", text: "The last words." }] } },
    ]);
  });

  it("goes on at another gateway amid an answer that is longer than the first one waits", async () => {
    await platform.restart("gateway-3");
    const { id, secret } = await open("gateway-1");
    const first = await connect("gateway-1", secret);
    await first.next("troupe.session.started");
    const clauses = ["One.", "Two.", "Three.", "Four."].map((number) => `${number} ${"And on and on it goes. ".repeat(4)}`);
    first.send({ type: "troupe.say", text: clauses.join(" "), language: "en" });
    await first.next("troupe.response", 0, (event) => event["state"] === "started");
    const drained = platform.drain("gateway-1");
    await first.closed;
    const told = first.events.filter(({ type }) => type === "troupe.notice" || type === "troupe.ended");
    expect(told).toMatchObject([{ kind: "reconnect" }, { reason: "drained" }]);
    expect((await first.closed).code).toBe(1001);
    const second = await connect("gateway-2", secret);
    expect(await second.next("troupe.session.started")).toMatchObject({ session_id: id, resumed: true });
    await second.next("troupe.response", 0, (event) => event["state"] === "done" && event["complete"] === true);
    expect(await drained).toBe(0);
    const said = textsOf((await call("gateway-2", "GET", `/v1/sessions/${id}/transcript`)).body.data).join(" ");
    for (const number of ["One.", "Two.", "Three.", "Four."]) expect(said).toContain(number);
    await call("gateway-2", "DELETE", `/v1/sessions/${id}`);
  });
});

describe("a session of another gateway", () => {
  const gateways = ["gateway-1", "gateway-2", "gateway-3"] as const;
  const spoken = async (gateway: string, id: string) => textsOf((await call(gateway, "GET", `/v1/sessions/${id}/transcript`)).body.data);
  const listed = async (gateway: string) => (await call(gateway, "GET", "/v1/sessions")).body.data.map((one: { id: string }) => one.id);

  it("is told of, listed, and ended through any of them", async () => {
    await platform.restart("gateway-1");
    const { id, secret, created_at } = await open("gateway-2");
    const caller = await connect("gateway-2", secret);
    await caller.next("troupe.session.started");
    await says(caller, "Said at the second.");
    for (const gateway of gateways) {
      const { body } = await call(gateway, "GET", `/v1/sessions/${id}`);
      expect([body.id, body.created_at, body.connections], gateway).toEqual([id, created_at, 1]);
      expect(await spoken(gateway, id)).toEqual(["Said at the second."]);
      expect((await call(gateway, "GET", `/v1/sessions/${id}/usage`)).body).toMatchObject({ responses: 1 });
      expect(await listed(gateway)).toEqual([id]);
    }
    const ended = await call("gateway-3", "DELETE", `/v1/sessions/${id}`);
    expect(ended.body).toMatchObject({
      id,
      deleted: true,
      usage: { responses: 1 },
      transcript: { data: [{ text: "Said at the second." }] },
    });
    expect(await caller.next("troupe.ended")).toMatchObject({ reason: "removed" });
    for (const gateway of gateways) {
      expect((await call(gateway, "GET", `/v1/sessions/${id}`)).body.error.code).toBe("SESSION_UNKNOWN");
      expect(await listed(gateway)).toEqual([]);
    }
    await vi.waitUntil(() => told(id, "session.ended").length > 0, { timeout: 5000 });
    expect(told(id, "session.ended")).toMatchObject([{ data: { reason: "removed", usage: { responses: 1 } } }]);
  });

  it("that was killed is told of from its record, and ended once, by the gateway that is asked", async () => {
    const { id, secret } = await open("gateway-2");
    const caller = await connect("gateway-2", secret);
    await caller.next("troupe.session.started");
    await says(caller, "The last words.");
    await recorded("gateway-2", id);
    await platform.kill("gateway-2");
    expect((await call("gateway-1", "GET", `/v1/sessions/${id}`)).body).toMatchObject({ id, connections: 0 });
    expect(await spoken("gateway-3", id)).toEqual(["The last words."]);
    const asked = await Promise.all(["gateway-1", "gateway-3"].map((gateway) => call(gateway, "DELETE", `/v1/sessions/${id}`)));
    expect(asked.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect(asked.find(({ status }) => status === 200)?.body).toMatchObject({ usage: { responses: 1 } });
    await vi.waitUntil(() => told(id, "session.ended").length > 0, { timeout: 5000 });
    const again = await open("gateway-1");
    await call("gateway-3", "DELETE", `/v1/sessions/${again.id}`);
    await vi.waitUntil(() => told(again.id, "session.ended").length > 0, { timeout: 5000 });
    expect(told(id, "session.ended")).toMatchObject([{ data: { reason: "removed", transcript: [{ text: "The last words." }] } }]);
    const gone = await connect("gateway-3", secret);
    expect(await gone.next("error")).toMatchObject({ error: { code: "SESSION_UNKNOWN" } });
  });
});
