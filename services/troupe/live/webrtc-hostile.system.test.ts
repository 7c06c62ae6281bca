import { createSocket } from "node:dgram";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { StartSchema } from "@troupe/contracts";
import { hashApiKey, type LiveServer, newApiKey, type Principal, webrtcRoutes, writeKeysFile } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import { createManualClock } from "@troupe/testkit";
import fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";

/** Budget: 20 s; stages without models, clients that mean no good. */
const limits = { maxSessions: 200, maxSessionSeconds: 3600, minutesPerDay: 1e6, maxTextLength: 4000 };
const keys = { demo: newApiKey(), other: newApiKey() };
const principal: Principal = { tenant: "demo", key: keys.demo.id, limits, motionOnly: false };
const logger = createLogger("test", "error");

let platform: Embedded;
let live: LiveServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-keys-"));
  const keysFile = join(folder, "keys.json");
  const stored = (["demo", "other"] as const).map((tenant) => ({
    id: keys[tenant].id,
    tenant,
    hash: hashApiKey(keys[tenant]),
    created: new Date(0).toISOString(),
    limits: {},
    motionOnly: false,
    origins: [],
  }));
  await writeKeysFile(keysFile, stored);
  platform = await startEmbedded({
    env: { ...process.env, TROUPE_KEYS_FILE: keysFile },
    logger,
    backends: { asr: "stub", llm: "stub", tts: "stub", face: "stub" },
  });
  live = await platform.serveLive();
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const fingerprint = Array.from({ length: 32 }, (_, byte) => byte.toString(16).padStart(2, "0")).join(":");
const candidate = (port: number) => `a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host`;

/** An offer as browsers make it, from nobody who would ever connect. */
const offer = (direction = "sendonly", more: readonly string[] = [candidate(9)]) =>
  `${[
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    `a=${direction}`,
    "a=rtcp-mux",
    "a=ice-ufrag:abcd",
    "a=ice-pwd:abcdefghijklmnopqrstuvwx",
    `a=fingerprint:sha-256 ${fingerprint}`,
    "a=setup:actpass",
    "a=rtpmap:111 opus/48000/2",
    ...more,
  ].join("\r\n")}\r\n`;

async function send(method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}) {
  const type = method === "PATCH" ? "application/trickle-ice-sdpfrag" : "application/sdp";
  const reply = await fetch(`${live.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${keys.demo.text}`, ...(body === undefined ? {} : { "content-type": type }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, text, code: text.startsWith("{") ? JSON.parse(text).error.code : undefined };
}

describe("the WebRTC endpoints", () => {
  it("answer as RFC 9725 says, trickle, and end", async () => {
    const posted = await send("POST", "/v1/whip?language=en", offer());
    expect(posted.status).toBe(201);
    expect(posted.headers.get("content-type")).toBe("application/sdp");
    expect(posted.text).toContain("a=recvonly");
    const location = posted.headers.get("location") ?? "";
    const etag = posted.headers.get("etag") ?? "";
    expect(platform.gateway.session(posted.headers.get("troupe-session") ?? "", principal).attached).toBe(0);
    const fragment = `a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n${candidate(10)}\r\n`;
    expect((await send("PATCH", location, fragment, { "if-match": etag })).status).toBe(204);
    expect((await send("PATCH", location, fragment)).status).toBe(428);
    expect((await send("PATCH", location, fragment, { "if-match": '"another"' })).status).toBe(412);
    // ICE restarts are refused as the RFC has those refuse them who only trickle.
    expect((await send("PATCH", location, fragment, { "if-match": "*" })).status).toBe(422);
    expect((await send("PATCH", location, "no fragment", { "if-match": etag })).status).toBe(400);
    expect((await send("GET", location)).status).toBe(405);
    expect((await send("DELETE", location)).status).toBe(200);
    expect((await send("DELETE", location)).status).toBe(404);
    expect(platform.gateway.sessions).toBe(0);
    expect((await send("OPTIONS", "/v1/whip")).headers.get("accept-post")).toBe("application/sdp");
  });

  it.each([
    ["no token", { authorization: "" }, 401],
    ["a wrong token", { authorization: `Bearer ${newApiKey().text}` }, 401],
    ["another content type", { "content-type": "text/plain" }, 415],
  ])("refuse %s", async (_, headers, status) => {
    expect((await send("POST", "/v1/whip", offer(), headers)).status).toBe(status);
  });

  it.each([
    ["garbage", "\u0000\u0001garbage"],
    ["an empty body", " "],
    ["no media", "v=0\r\ns=-\r\n"],
    ["no fingerprint", offer().replace(/a=fingerprint.*\r\n/, "")],
    ["a data channel", `${offer()}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n`],
    ["a microphone that only receives", offer("recvonly")],
    ["no sound that is understood", offer().replace("opus/48000/2", "L16/44100")],
    [
      "a thousand candidates",
      offer(
        "sendonly",
        Array.from({ length: 1000 }, (_, port) => candidate(port + 1)),
      ),
    ],
  ])("refuse %s, and open no session for it", async (_, sdp) => {
    const { status, code } = await send("POST", "/v1/whip", sdp);
    expect({ status, code }).toEqual({ status: 400, code: "INVALID_REQUEST" });
    expect(platform.gateway.sessions).toBe(0);
  });

  it("refuse what is too large before they read it", async () => {
    expect((await send("POST", "/v1/whip", offer() + "a=x\r\n".repeat(20_000))).status).toBe(413);
  });

  it("keep tenants apart", async () => {
    const session = await platform.gateway.open(create(StartSchema, { tenant: "demo", language: "en" }), principal);
    onTestFinished(() => session.end("client"));
    const mine = await send("POST", `/v1/whip?session=${session.id}`, offer());
    expect(mine.status).toBe(201);
    const other = { authorization: `Bearer ${keys.other.text}` };
    expect((await send("POST", `/v1/whep?session=${session.id}`, offer("recvonly"), other)).code).toBe("SESSION_UNKNOWN");
    expect((await send("POST", `/v1/whep?resume=${session.resumeToken}`, offer("recvonly"), other)).code).toBe("SESSION_UNKNOWN");
    const location = mine.headers.get("location") ?? "";
    expect((await send("DELETE", location, undefined, other)).status).toBe(404);
    expect((await send("DELETE", location)).status).toBe(200);
  });
});

describe("a hundred offers from nobody", () => {
  it("take no more than the room for those who connect, and are freed in time", async () => {
    const clock = createManualClock();
    const app = fastify();
    onTestFinished(() => app.close());
    const access = { authenticate: async () => principal, allowsOrigin: () => true };
    const { gateway, metrics } = platform;
    await app.register(webrtcRoutes({ gateway, metrics, access, clock, logger }, { maxConnecting: 20, bindAddress: "127.0.0.1" }));
    const headers = { "content-type": "application/sdp" };
    const post = () => app.inject({ method: "POST", url: "/v1/whip", headers, payload: offer() });
    const replies = await Promise.all(Array.from({ length: 100 }, post));
    const statuses = replies.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 201)).toHaveLength(20);
    expect(statuses.filter((status) => status !== 201 && status < 429)).toEqual([]);
    const ports = replies.flatMap(({ body }) =>
      [...body.matchAll(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/g)].map(([, port]) => Number(port)),
    );
    expect(ports).toHaveLength(20);
    await clock.advance(9_900);
    expect((await post()).statusCode).not.toBe(201);
    await clock.advance(200);
    // Sessions that nobody ever came to do not wait for anybody to come back.
    await vi.waitUntil(() => gateway.sessions === 0);
    expect((await post()).statusCode).toBe(201);
    for (const port of ports) await bindable(port);
    const locations = replies.flatMap(({ headers: { location } }) => (location === undefined ? [] : [String(location)]));
    for (const location of locations) expect((await app.inject({ method: "DELETE", url: location })).statusCode).not.toBe(200);
    await app.close();
    await Promise.all(gateway.list("demo").map((session) => session.end("client")));
    expect(gateway.sessions).toBe(0);
  });
});

/** Fails where somebody still has the port. */
async function bindable(port: number): Promise<void> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, "127.0.0.1", resolve);
  });
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}
