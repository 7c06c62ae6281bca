import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { loopbackPrincipal } from "../access/loopback.ts";
import { createGatewayMetrics } from "../metrics.ts";
import { idleGateway, keysFile, logger, startTestServer } from "./live.testing.ts";
import type { LiveDeps } from "./live-deps.ts";
import { createLiveServer, type LiveServerOptions } from "./live-server.ts";

/** A raw connection from one of the machine's loopback addresses. */
function raw(port: number, from = "127.0.0.1"): Socket {
  const socket = connect({ host: "127.0.0.1", port, localAddress: from });
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function closed(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (data: string) => {
    text += data;
  });
  if (!socket.closed) await once(socket, "close");
  return text;
}

/** The server alone, with a socket route that echoes. */
async function bareServer(options: Partial<LiveServerOptions> = {}, log: LiveDeps["logger"] = logger) {
  const access = { authenticate: async () => loopbackPrincipal, allowsOrigin: () => false };
  const metrics = createGatewayMetrics(new Registry());
  const deps: LiveDeps = { gateway: idleGateway(), access, clock: systemClock, logger: log, metrics };
  const server = await createLiveServer(deps, { host: "127.0.0.1", port: 0, ...options }, async (app) => {
    app.get("/echo", { websocket: true }, (socket) => void socket.on("message", (data) => socket.send(data.toString())));
    app.post("/body", async (request) => ({ has: "admin" in (request.body as object), polluted: "admin" in {} }));
  });
  onTestFinished(() => server.close());
  return server;
}

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

describe("hostile clients", () => {
  it("get no further than the size of a request, its headers and a frame", async () => {
    const { url, port } = await bareServer();
    expect((await post(`${url}/body`, JSON.stringify({ text: "x".repeat(300_000) }))).status).toBe(413);
    const headers = raw(port);
    headers.write(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(await closed(headers)).toMatch(/^HTTP\/1.1 431 .*"code":"INVALID_REQUEST"/s);
    const noHttp = raw(port);
    noHttp.write("\x16\x03\x01 this is no HTTP\r\n\r\n");
    expect(await closed(noHttp)).toMatch(/^HTTP\/1.1 400 /);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`);
    await once(socket, "open");
    socket.send("x".repeat(2 * 1024 * 1024));
    expect((await once(socket, "close"))[0]).toBe(1009);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("that send frames which are too large, or none, are told so, and are no errors in the log", async () => {
    const logged: string[] = [];
    const at = (level: string) => (fields: object | string) => void logged.push(`${level} ${JSON.stringify(fields)}`);
    const { port } = await bareServer({}, { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
    const large = new WebSocket(`ws://127.0.0.1:${port}/echo`);
    await once(large, "open");
    large.send("x".repeat(2 * 1024 * 1024));
    expect((await once(large, "close"))[0]).toBe(1009);
    const broken = new WebSocket(`ws://127.0.0.1:${port}/echo`);
    await once(broken, "open");
    (broken as unknown as { readonly _socket: Socket })._socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    expect((await once(broken, "close"))[0]).toBe(1002);
    expect(logged).toEqual([
      'info {"fault":"WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"}',
      expect.stringMatching(/^info \{"fault":"WS_ERR_\w+"\}$/),
    ]);
  });

  it("cannot set what JSON objects inherit", async () => {
    const { url } = await bareServer();
    for (const body of ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}'])
      expect((await post(`${url}/body`, body)).status, body).toBe(400);
    expect(await (await post(`${url}/body`, "{}")).json()).toEqual({ has: false, polluted: false });
  });

  it("cannot leave the folder of the avatars", async () => {
    const { port } = await startTestServer();
    const paths = [
      "..%2f..%2fpackage.json",
      "%2e%2e/avatar.json",
      "..%2favatars%2fmara/avatar.json",
      "mara%00/avatar.json",
      "Mara/avatar.json",
      "nobody/avatar.json",
    ];
    for (const path of paths) {
      const socket = raw(port);
      socket.write(`GET /v1/avatars/${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      expect(await closed(socket), path).toMatch(/^HTTP\/1.1 (404|400) /);
    }
    const good = raw(port);
    good.write("GET /v1/avatars/mara/avatar.json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    expect(await closed(good)).toMatch(/^HTTP\/1.1 200 .*"troupe-avatar\/1"/s);
  });

  it("are cut when they send their headers, or their body, a letter at a time", async () => {
    const { port, url } = await bareServer({ headersTimeoutMs: 150 });
    const slowHeaders = raw(port);
    slowHeaders.write("GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ");
    const slowBody = raw(port);
    slowBody.write("POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{");
    const silent = raw(port);
    expect(await closed(slowHeaders)).toMatch(/^HTTP\/1.1 408 /);
    expect(await closed(slowBody)).toMatch(/^HTTP\/1.1 408 /);
    await closed(silent);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("that hold a thousand half-open sockets leave room and memory for others", async () => {
    const { port } = await bareServer({ connections: { total: 2000, perAddress: 200 } });
    global.gc?.();
    const before = process.memoryUsage().rss;
    const sockets = Array.from({ length: 1000 }, () => raw(port, "127.0.0.2"));
    const outcomes = await Promise.all(
      sockets.map(async (socket) => {
        await once(socket, "connect").catch(() => undefined);
        socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n");
        return socket;
      }),
    );
    const cut = () => outcomes.filter((socket) => socket.closed).length;
    while (cut() < 800) await new Promise((resolve) => setImmediate(resolve));
    for (let call = 0; call < 20; call++) {
      const other = raw(port, "127.0.0.3");
      other.write("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
      expect(await closed(other)).toMatch(/^HTTP\/1.1 200 /);
    }
    expect(cut()).toBe(800);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it("that open sessions in a flood are told when to come back, and cost nobody anything", async () => {
    const { file, keys } = await keysFile(["acme", "globex"], { limits: { maxSessions: 2 } });
    const { url } = await startTestServer({ keysFile: file });
    const flood = Array.from({ length: 200 }, () => post(`${url}/v1/sessions`, "{}", { authorization: `Bearer ${keys[0]}` }));
    const statuses = (await Promise.all(flood)).map(({ status, headers }) => `${status} ${headers.get("retry-after") !== null}`);
    expect(new Set(statuses)).toEqual(new Set(["429 true", "503 true"]));
    expect((await post(`${url}/v1/sessions`, "{}", { authorization: `Bearer ${keys[1]}` })).status).toBe(503);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok", sessions: 0 });
  });
});
