import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashApiKey, type LiveServer, newApiKey, type StoredKey, writeKeysFile } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";

const secret = `whsec_${Buffer.from("twenty-four bytes of key").toString("base64")}`;
const hooks: { type: string; data: Record<string, unknown> }[] = [];
const receiver = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  hooks.push(JSON.parse(body));
  response.end();
});

const newKey = (tenant: string, extra: Partial<StoredKey> = {}) => {
  const key = newApiKey();
  const created = new Date().toISOString();
  const stored: StoredKey = { id: key.id, tenant, hash: hashApiKey(key), created, limits: {}, motionOnly: false, origins: [], ...extra };
  return { text: key.text, stored };
};
const [acme, globex, small] = [newKey("acme"), newKey("globex"), newKey("small", { limits: { maxSessions: 2, maxTextLength: 20 } })];

let folder: string;
let platform: Embedded;
let live: LiveServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-session-api-"));
  const [TROUPE_KEYS_FILE, TROUPE_WEBHOOKS_FILE] = [join(folder, "keys.json"), join(folder, "webhooks.json")];
  await writeKeysFile(
    TROUPE_KEYS_FILE,
    [acme, globex, small].map(({ stored }) => stored),
  );
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const events = ["session.created", "session.ended", "response.completed"];
  await writeFile(
    TROUPE_WEBHOOKS_FILE,
    JSON.stringify({ version: 1, endpoints: [{ tenant: "acme", url, secret, events, private: true }] }),
  );
  platform = await startEmbedded({
    env: { ...process.env, TROUPE_KEYS_FILE, TROUPE_WEBHOOKS_FILE, TROUPE_RESUME_WINDOW_SECONDS: "20" },
    logger: createLogger("test", "error"),
    backends: { asr: "stub", llm: "stub", tts: "stub", face: "stub" },
  });
  live = await platform.serveLive();
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  receiver.close();
  await rm(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, key: string | undefined, body?: object) {
  const headers = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body ? { "content-type": "application/json" } : {}),
  };
  const response = await fetch(live.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
}

async function open(key = acme.text, wanted: object = { output: null }) {
  const opened = await call("POST", "/v1/sessions", key, wanted);
  expect(opened.status, JSON.stringify(opened.body)).toBe(201);
  onTestFinished(async () => void (await call("DELETE", `/v1/sessions/${opened.body.id}`, key)));
  return opened.body;
}

/** A Realtime client that remembers what it was told. */
async function realtime(url: string, key: string, update?: object) {
  const socket = new WebSocket(url, ["realtime", `openai-insecure-api-key.${key}`]);
  const events: { type: string; [name: string]: unknown }[] = [];
  const closing = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => typeof data === "string" && events.push(JSON.parse(data)));
  socket.addEventListener("close", () => closing.resolve());
  socket.addEventListener("error", () => closing.resolve());
  onTestFinished(() => socket.close());
  if (update) socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "session.update", session: update })));
  await vi.waitUntil(() => events.length > 0 || socket.readyState >= 2, { timeout: 10_000 });
  return { socket, events, closed: closing.promise };
}

describe("the session API", () => {
  it("opens a session that a browser comes to with its own secret, and tells how it went", async () => {
    const session = await open(acme.text, { avatar: "pico", language: "en", output: null, greeting: "Hello." });
    expect(session).toMatchObject({ object: "session", avatar: "pico", connections: 0, resume_window_seconds: 20 });
    const { events, socket } = await realtime(session.urls.realtime, session.client_secret.value, {
      type: "realtime",
      troupe: { media: "json" },
    });
    await vi.waitUntil(() => events.some(({ type }) => type === "troupe.session.started"), { timeout: 10_000 });
    expect(events.find(({ type }) => type === "troupe.session.started")).toMatchObject({ session_id: session.id, resumed: true });
    await vi.waitUntil(() => events.some(({ type, state }) => type === "troupe.response" && state === "done"), { timeout: 20_000 });
    const one = await call("GET", `/v1/sessions/${session.id}`, acme.text);
    expect(one.body).toMatchObject({ id: session.id, connections: 1, created_at: session.created_at });
    const transcript = await call("GET", `/v1/sessions/${session.id}/transcript`, acme.text);
    expect(transcript.body.data).toMatchObject([{ role: "avatar", text: "Hello." }]);
    const usage = await call("GET", `/v1/sessions/${session.id}/usage`, acme.text);
    expect(usage.body).toMatchObject({ responses: 1, session_seconds: expect.any(Number) });
    const ended = await call("DELETE", `/v1/sessions/${session.id}`, acme.text);
    expect(ended.body).toMatchObject({ deleted: true, usage: { responses: 1 }, transcript: { data: [{ text: "Hello." }] } });
    await vi.waitUntil(() => socket.readyState === WebSocket.CLOSED, { timeout: 5000 });
    expect((await call("GET", `/v1/sessions/${session.id}`, acme.text)).body.error.code).toBe("SESSION_UNKNOWN");
    const told = () => hooks.filter(({ data }) => data["session_id"] === session.id).map(({ type }) => type);
    await vi.waitUntil(() => told().length === 3, { timeout: 5000 });
    expect(told().sort()).toEqual(["response.completed", "session.created", "session.ended"]);
    expect(hooks.find(({ type, data }) => type === "session.ended" && data["session_id"] === session.id)?.data).toMatchObject({
      reason: "removed",
      usage: { responses: 1 },
    });
    expect(JSON.stringify(hooks)).not.toContain("Hello.");
  });

  it("lists a tenant's sessions in pages, none of another", async () => {
    const mine = [await open(), await open(), await open()];
    const foreign = await open(globex.text);
    const first = (await call("GET", "/v1/sessions?limit=2", acme.text)).body;
    expect(first).toMatchObject({ has_more: true });
    const second = (await call("GET", `/v1/sessions?limit=2&after=${first.next}`, acme.text)).body;
    expect(second).toMatchObject({ has_more: false, next: null });
    const ids = [...first.data, ...second.data].map(({ id }: { id: string }) => id);
    expect(ids.sort()).toEqual(mine.map(({ id }) => id).sort());
    expect(ids).not.toContain(foreign.id);
    expect((await call("GET", "/v1/sessions?limit=0", acme.text)).body.error.param).toBe("limit");
  });

  it("knows no session of another tenant, wherever its id stands", async () => {
    const session = await open();
    const { client_secret: other } = await open();
    const ways = [
      ["GET", `/v1/sessions/${session.id}`],
      ["DELETE", `/v1/sessions/${session.id}`],
      ["GET", `/v1/sessions/${session.id}/transcript`],
      ["GET", `/v1/sessions/${session.id}/usage`],
    ] as const;
    for (const [method, path] of ways) {
      for (const key of [globex.text, other.value]) {
        const answer = await call(method, path, key);
        expect([answer.status, answer.body.error.code], `${method} ${path}`).toEqual([404, "SESSION_UNKNOWN"]);
      }
      expect((await call(method, path, undefined)).status).toBe(401);
    }
    for (const path of [`/v1/whip?session=${session.id}`, `/v1/whep?session=${session.id}`]) {
      const headers = { authorization: `Bearer ${globex.text}`, "content-type": "application/sdp" };
      const answer = await fetch(live.url + path, { method: "POST", headers, body: "v=0\r\n" });
      expect([400, 404], path).toContain(answer.status);
      expect(await answer.text()).not.toContain(session.resume_token);
    }
    expect((await call("GET", `/v1/sessions/${session.id}`, acme.text)).status).toBe(200);
  });

  it("holds a key to its limits", async () => {
    const one = await open(small.text);
    await open(small.text);
    const third = await call("POST", "/v1/sessions", small.text, { output: null });
    expect(third).toMatchObject({
      status: 429,
      body: { error: { code: "LIMIT_REACHED", metadata: { limit: "max_sessions", value: "2" } } },
    });
    expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
    await call("DELETE", `/v1/sessions/${one.id}`, small.text);
    const long = await call("POST", "/v1/sessions", small.text, { output: null, greeting: "A greeting of more than twenty characters." });
    expect(long).toMatchObject({ status: 400, body: { error: { code: "TEXT_TOO_LONG" } } });
    const motion = await call("POST", "/v1/sessions", small.text, { output: { motion: true } });
    expect(motion).toMatchObject({ status: 403, body: { error: { code: "NOT_PERMITTED", metadata: { permission: "motion_only" } } } });
    await open(small.text);
  });
});

describe("a client secret", () => {
  it("lets a browser talk as its session says, and nothing else", async () => {
    const wanted = { expires_after: { anchor: "created_at", seconds: 30 }, session: { type: "realtime", troupe: { avatar: "pico" } } };
    const made = await call("POST", "/v1/realtime/client_secrets", acme.text, wanted);
    expect(made).toMatchObject({ status: 200, body: { value: expect.stringMatching(/^ek_/), session: wanted.session } });
    expect(made.body.expires_at - Date.now() / 1000).toBeLessThanOrEqual(30);
    const { value } = made.body;
    const { events } = await realtime(`${live.url.replace("http", "ws")}/v1/realtime`, value, {
      type: "realtime",
      troupe: { media: "json" },
    });
    await vi.waitUntil(() => events.some(({ type }) => type === "troupe.session.started"), { timeout: 10_000 });
    const started = events.find(({ type }) => type === "troupe.session.started");
    expect(started).toMatchObject({ avatar: "pico" });
    expect((await call("GET", `/v1/sessions/${started?.["session_id"]}`, value)).status).toBe(200);
    for (const [method, path] of [
      ["GET", "/v1/sessions"],
      ["POST", "/v1/sessions"],
      ["POST", "/v1/realtime/client_secrets"],
    ] as const) {
      const answer = await call(method, path, value, method === "POST" ? {} : undefined);
      expect([answer.status, answer.body.error.code], `${method} ${path}`).toEqual([403, "NOT_PERMITTED"]);
    }
  });

  it("is refused with the field that is wrong", async () => {
    const make = async (body: object) => (await call("POST", "/v1/realtime/client_secrets", acme.text, body)).body.error;
    expect(await make({ expires_after: { anchor: "created_at", seconds: 9 } })).toMatchObject({ param: "expires_after.seconds" });
    expect(await make({ expires_after: { anchor: "created_at", seconds: 7201 } })).toMatchObject({ param: "expires_after.seconds" });
    expect(await make({ session: { type: "transcription" } })).toMatchObject({ code: "UNIMPLEMENTED" });
  });

  it("of nobody opens no socket", async () => {
    const { events, closed } = await realtime(`${live.url.replace("http", "ws")}/v1/realtime`, "ek_a.b.c");
    await closed;
    expect(events).toEqual([]);
  });
});
