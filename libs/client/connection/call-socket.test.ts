import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createManualClock, until } from "@troupe/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { type WebSocket as ServerSocket, WebSocketServer } from "ws";
import { CallSocket } from "./call-socket.ts";
import { defaultReconnectPolicy, nextDelayMs } from "./reconnect-policy.ts";

const started = JSON.stringify({ type: "troupe.session.started", resume_token: "token", resume_window_seconds: 30 });

/** A gateway that begins a session with whoever comes, and answers pings while it is asked to. */
async function gateway() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const pings: number[] = [];
  const sounds: string[] = [];
  const sockets: ServerSocket[] = [];
  const state = { answers: true };
  server.on("connection", (socket) => {
    sockets.push(socket);
    socket.send(started);
    socket.on("message", (data) => {
      const { type, t, audio } = JSON.parse(data.toString());
      if (type === "input_audio_buffer.append") return sounds.push(audio);
      pings.push(t);
      if (state.answers) socket.send(JSON.stringify({ type: "troupe.pong", t }));
    });
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, pings, sounds, sockets, state };
}

/** Takes connections and never says a word, as a network that swallows what is sent. */
async function abyss() {
  const server = createServer((socket) => onTestFinished(() => void socket.destroy())).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A call whose way can be changed; what it went through, with its clock's time. */
function call(url: string) {
  const clock = createManualClock();
  const way = { url };
  const told: string[] = [];
  const heard: string[] = [];
  let tries = 0;
  const socket = new CallSocket({
    clock,
    connect: () => {
      tries++;
      return new WebSocket(way.url);
    },
    onOpen: () => undefined,
    onEvent: ({ type }) => heard.push(type),
    onMedia: () => undefined,
    onLost: () => told.push(`lost at ${clock.nowMs()}`),
    onEnded: (reason) => told.push(`${reason} at ${clock.nowMs()}`),
  });
  onTestFinished(() => socket.close("client"));
  const begun = (count = 1) =>
    until(`session ${count} begins`, () => heard.filter((type) => type === "troupe.session.started").length === count);
  return { clock, way, told, heard, begun, socket, tries: () => tries };
}

describe("the connection of a call", () => {
  it("is not lost while the server answers, though no media comes", async () => {
    const server = await gateway();
    const { clock, told, heard, begun } = call(server.url);
    await begun();
    for (let second = 1; second <= 8; second++) {
      await clock.advance(1000);
      await until(`pong ${second}`, () => heard.filter((type) => type === "troupe.pong").length >= Math.floor(second / 2));
    }
    expect(told).toEqual([]);
    expect(server.pings.length).toBeGreaterThanOrEqual(4);
  });

  it("is lost when the server does not answer either", async () => {
    const server = await gateway();
    server.state.answers = false;
    const { clock, told, begun } = call(server.url);
    await begun();
    await clock.advance(2400);
    expect(told).toEqual([]);
    await clock.advance(200);
    expect(told).toEqual(["lost at 2500"]);
    await clock.advance(300);
    await begun(2);
  });

  it("tells what was said while it was away once the session is there again, the last three seconds of it", async () => {
    const server = await gateway();
    const { clock, told, begun, socket } = call(server.url);
    await begun();
    server.sockets[0]?.terminate();
    await until("the loss is noticed", () => told.length === 1);
    // A second of PCM16 at 24 kHz is 64,000 characters.
    const seconds = ["A", "B", "C", "D"].map((letter) => letter.repeat(64_000));
    for (const audio of seconds) expect(socket.send({ type: "input_audio_buffer.append", audio })).toBe(false);
    expect(socket.send({ type: "troupe.playback", position_us: 0 })).toBe(false);
    await clock.advance(300);
    await begun(2);
    socket.send({ type: "input_audio_buffer.append", audio: "E" });
    await until("the sound has come", () => server.sounds.length === 4);
    expect(server.sounds.map(([letter]) => letter).join("")).toBe("BCDE");
    expect(server.pings).toEqual([]);
  });

  it("gives an attempt up that does not come to an end, and tries again", async () => {
    const server = await gateway();
    const { clock, way, told, begun, tries } = call(server.url);
    await begun();
    way.url = await abyss();
    server.sockets[0]?.terminate();
    await until("the loss is noticed", () => told.length === 1);
    await clock.advance(250);
    expect(tries()).toBe(2);
    await clock.advance(2900);
    expect(tries()).toBe(2);
    way.url = server.url;
    await clock.advance(700);
    expect(tries()).toBe(3);
    await begun(2);
  });

  it("is tried anew when the network is back, also amid an attempt", async () => {
    const server = await gateway();
    const events = new EventTarget();
    const [add, remove] = [globalThis.addEventListener, globalThis.removeEventListener];
    Object.assign(globalThis, {
      addEventListener: events.addEventListener.bind(events),
      removeEventListener: events.removeEventListener.bind(events),
    });
    onTestFinished(() => void Object.assign(globalThis, { addEventListener: add, removeEventListener: remove }));
    const { clock, way, told, begun, tries } = call(server.url);
    await begun();
    way.url = await abyss();
    server.sockets[0]?.terminate();
    await until("the loss is noticed", () => told.length === 1);
    await clock.advance(250);
    expect(tries()).toBe(2);
    way.url = server.url;
    events.dispatchEvent(new Event("online"));
    expect(tries()).toBe(3);
    await begun(2);
  });

  it("that never stood is given up for good", async () => {
    const { clock, told } = call(await abyss());
    await clock.advance(9900);
    expect(told).toEqual([]);
    await clock.advance(200);
    expect(told).toEqual(["unreachable at 10000"]);
  });
});

describe("the delay between attempts", () => {
  it("is a second at most in the first ten, and four later", () => {
    const delays = (sinceLostMs: number) =>
      [0, 1, 2, 3, 12].map((attempt) => nextDelayMs(defaultReconnectPolicy, { attempt, sinceLostMs, windowMs: 30_000 }, 0));
    expect(delays(5000)).toEqual([250, 500, 1000, 1000, 1000]);
    expect(delays(12_000)).toEqual([250, 500, 1000, 2000, 4000]);
  });

  it("is shortened at random, and ends with the window", () => {
    expect(nextDelayMs(defaultReconnectPolicy, { attempt: 2, sinceLostMs: 1000, windowMs: 30_000 }, 1)).toBe(500);
    expect(nextDelayMs(defaultReconnectPolicy, { attempt: 12, sinceLostMs: 29_000, windowMs: 30_000 }, 0)).toBe(1000);
    expect(nextDelayMs(defaultReconnectPolicy, { attempt: 12, sinceLostMs: 30_000, windowMs: 30_000 }, 0)).toBeUndefined();
  });
});
