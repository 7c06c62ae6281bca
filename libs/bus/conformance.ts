import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Bus, BusMessage } from "./bus.ts";
import type { KeyValueStore } from "./key-value.ts";
import { serve } from "./serve.ts";

export interface BusHarness {
  connect(): Promise<Bus>;
  /** Takes the server away and brings it back; `meanwhile` runs while it is away. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (message: BusMessage) => new TextDecoder().decode(message.data);
const queue = { limit: 1000, overflow: "drop-oldest" } as const;

/** What every driver must do alike. */
export function describeBus(name: string, harness: () => BusHarness): void {
  async function pair(): Promise<[Bus, Bus]> {
    const buses = [await harness().connect(), await harness().connect()] as [Bus, Bus];
    onTestFinished(async () => {
      for (const bus of buses) await bus.drain();
    });
    return buses;
  }

  async function take(messages: AsyncIterable<BusMessage>, count: number): Promise<string[]> {
    const taken: string[] = [];
    const iterator = messages[Symbol.asyncIterator]();
    while (taken.length < count) {
      const next = await iterator.next();
      if (next.done) break;
      taken.push(text(next.value));
    }
    return taken;
  }

  describe(`${name} bus`, () => {
    it("keeps the order of a subject", async () => {
      const [writer, reader] = await pair();
      const messages = reader.subscribe("order.a", queue);
      await reader.flush();
      const sent = Array.from({ length: 500 }, (_, index) => String(index));
      for (const item of sent) writer.publish("order.a", bytes(item));
      expect(await take(messages, 500)).toEqual(sent);
    });

    it("matches wildcards and nothing else", async () => {
      const [writer, reader] = await pair();
      const messages = reader.subscribe("wild.*.x", queue);
      const rest = reader.subscribe("wild.>", queue);
      await reader.flush();
      for (const subject of ["wild.a.x", "wild.a.y", "wild.b.x", "wild.a.x.z", "other.a.x"]) writer.publish(subject, bytes(subject));
      expect(await take(messages, 2)).toEqual(["wild.a.x", "wild.b.x"]);
      expect(await take(rest, 4)).toEqual(["wild.a.x", "wild.a.y", "wild.b.x", "wild.a.x.z"]);
    });

    it("gives each message to one member of a queue group", async () => {
      const [writer, reader] = await pair();
      const members = [
        reader.subscribe("group.a", { ...queue, queueGroup: "g" }),
        reader.subscribe("group.a", { ...queue, queueGroup: "g" }),
      ];
      await reader.flush();
      for (let index = 0; index < 40; index++) writer.publish("group.a", bytes(String(index)));
      await writer.flush();
      await reader.flush();
      for (const member of members) member.close();
      const taken = await Promise.all(members.map((member) => take(member, 40)));
      expect(taken.flat().sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
    });

    it("answers requests, with the responder's own error", async () => {
      const [client, server] = await pair();
      serve(server, "ask.a", async (request) => {
        if (text(request) === "bad")
          throw new (await import("@troupe/errors")).ServiceError("NO_CAPACITY", "full", { retryAfterMs: 250, metadata: { stage: "tts" } });
        return bytes(`${text(request)}!`);
      });
      await server.flush();
      expect(text(await client.request("ask.a", bytes("hi"), { timeoutMs: 2000 }))).toBe("hi!");
      await expect(client.request("ask.a", bytes("bad"), { timeoutMs: 2000 })).rejects.toMatchObject({
        reason: "NO_CAPACITY",
        retryAfterMs: 250,
        metadata: { stage: "tts" },
      });
    });

    it("says at once that nobody listens", async () => {
      const [client] = await pair();
      await expect(client.request("nobody.here", bytes("x"), { timeoutMs: 10_000 })).rejects.toMatchObject({ reason: "NO_RESPONDERS" });
    });

    it("ends a request on its time-out and on its signal", async () => {
      const [client, server] = await pair();
      serve(server, "slow.a", () => new Promise(() => undefined));
      await server.flush();
      await expect(client.request("slow.a", bytes("x"), { timeoutMs: 50 })).rejects.toMatchObject({ reason: "DEADLINE" });
      const controller = new AbortController();
      const request = client.request("slow.a", bytes("x"), { timeoutMs: 10_000, signal: controller.signal });
      controller.abort();
      await expect(request).rejects.toMatchObject({ reason: "CANCELLED" });
    });

    it("sends no request whose signal is aborted already", async () => {
      const [client, server] = await pair();
      const requests = server.subscribe("late.a", queue);
      await server.flush();
      const request = client.request("late.a", bytes("x"), { timeoutMs: 10, signal: AbortSignal.abort() });
      await expect(request).rejects.toMatchObject({ reason: "CANCELLED" });
      client.publish("late.a", bytes("next"));
      expect(await take(requests, 1)).toEqual(["next"]);
    });

    it("bounds its queues: drops the oldest, the newest, or fails, and counts", async () => {
      const [writer, reader] = await pair();
      const oldest = reader.subscribe("full.a", { limit: 3, overflow: "drop-oldest" });
      const newest = reader.subscribe("full.a", { limit: 3, overflow: "drop-newest" });
      const failing = reader.subscribe("full.a", { limit: 3, overflow: "fail" });
      const last = reader.subscribe("full.a", queue);
      await reader.flush();
      for (let index = 0; index < 10; index++) writer.publish("full.a", bytes(String(index)));
      await take(last, 10);
      expect(await take(oldest, 3)).toEqual(["7", "8", "9"]);
      expect(oldest.stats().dropped).toBe(7);
      expect(await take(newest, 3)).toEqual(["0", "1", "2"]);
      await expect(take(failing, 1)).rejects.toMatchObject({ reason: "QUEUE_FULL" });
    });

    it("probes the readers of a subject; readers never see the probe", async () => {
      const [writer, reader] = await pair();
      await expect(writer.probe("probe.a", 1, { timeoutMs: 120 })).rejects.toMatchObject({ reason: "NO_RESPONDERS" });
      const probing = writer.probe("probe.a", 2, { timeoutMs: 2000 });
      const first = reader.subscribe("probe.a", queue);
      const second = reader.subscribe("probe.a", queue);
      await probing;
      writer.publish("probe.a", bytes("real"));
      expect([await take(first, 1), await take(second, 1)]).toEqual([["real"], ["real"]]);
    });

    it("drains: what was received is still read, what was published is sent", async () => {
      const [writer, reader] = await pair();
      const messages = reader.subscribe("drain.a", queue);
      await reader.flush();
      const sent = Array.from({ length: 20 }, (_, index) => String(index));
      for (const item of sent) writer.publish("drain.a", bytes(item));
      await writer.drain();
      await reader.drain();
      // One more than was sent: what is read ends.
      expect(await take(messages, 21)).toEqual(sent);
    });

    it("survives a restart of the server and replays nothing stale", async () => {
      const [writer, reader] = await pair();
      const messages = reader.subscribe("restart.a", queue);
      await reader.flush();
      writer.publish("restart.a", bytes("before"));
      expect(await take(messages, 1)).toEqual(["before"]);
      await harness().restart(async () => {
        await until(() => !writer.connected);
        writer.publish("restart.a", bytes("stale"));
      });
      await until(() => writer.connected && reader.connected);
      await writer.probe("restart.a", 1, { timeoutMs: 5000 });
      writer.publish("restart.a", bytes("after"));
      expect(await take(messages, 1)).toEqual(["after"]);
      expect(writer.droppedWhileDown).toBeGreaterThan(0);
      expect(writer.outageMs()).toBeGreaterThan(0);
    });

    it("keeps other readers going when one is slow", async () => {
      const [writer, reader] = await pair();
      const slow = reader.subscribe("slow.b", { limit: 10, overflow: "drop-oldest" });
      const quick = reader.subscribe("slow.b", { limit: 5000, overflow: "fail" });
      await reader.flush();
      const payload = new Uint8Array(10_000);
      for (let index = 0; index < 2000; index++) writer.publish("slow.b", payload);
      expect(await take(quick, 2000)).toHaveLength(2000);
      // The server tells two subscriptions of one message in whatever order.
      await until(() => slow.stats().dropped === 1990);
    });
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("the condition did not come true within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What every key-value store must do alike. */
export function describeKeyValue(name: string, connect: () => Promise<Bus>): void {
  const bytes = (text: string) => new TextEncoder().encode(text);

  async function open(): Promise<[KeyValueStore, KeyValueStore]> {
    const buses = [await connect(), await connect()];
    onTestFinished(async () => {
      for (const bus of buses) await bus.drain();
    });
    const options = { ttlMs: 60_000, maxValueBytes: 1024 };
    const stores = await Promise.all(buses.map((bus) => bus.keyValue("conformance", options)));
    return stores as [KeyValueStore, KeyValueStore];
  }

  describe(`${name} key-value store`, () => {
    it("shows everybody what one has written", async () => {
      const [one, other] = await open();
      const revision = await one.create("seen.a", bytes("first"));
      expect(await other.get("seen.a")).toMatchObject({ revision, value: bytes("first") });
      expect(await other.get("seen.b")).toBeUndefined();
    });

    it("creates a key once", async () => {
      const [one, other] = await open();
      await one.create("once.a", bytes("first"));
      await expect(other.create("once.a", bytes("second"))).rejects.toMatchObject({ reason: "RECORD_CONFLICT" });
    });

    it("lets one of two who saw the same value replace it", async () => {
      const [one, other] = await open();
      const revision = await one.create("race.a", bytes("seen"));
      const outcomes = await Promise.allSettled([
        one.update("race.a", bytes("one"), revision),
        other.update("race.a", bytes("two"), revision),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(outcomes.find((outcome) => outcome.status === "rejected")?.reason).toMatchObject({ reason: "RECORD_CONFLICT" });
    });

    it("tells who watches what there is, and each change", async () => {
      const [one, other] = await open();
      const first = await one.create("watched.a", bytes("first"));
      const told: (readonly [string, number | undefined])[] = [];
      const stop = await other.watch((key, revision) => key.startsWith("watched.") && told.push([key, revision]));
      // Of a key's changes that lie closer together than its watcher sees, only the last is told.
      const toldOf = (changes: number) => vi.waitUntil(() => told.length >= changes, { timeout: 10_000 });
      await toldOf(1);
      const second = await one.update("watched.a", bytes("second"), first);
      await toldOf(2);
      await one.delete("watched.a");
      await toldOf(3);
      expect(told).toEqual([
        ["watched.a", first],
        ["watched.a", second],
        ["watched.a", undefined],
      ]);
      stop();
    });

    it("tells who watches one key of no other", async () => {
      const [one, other] = await open();
      const told: string[] = [];
      const stop = await other.watch((key) => told.push(key), "alone.b");
      await one.create("alone.a", bytes("first"));
      await one.create("alone.b", bytes("first"));
      await vi.waitUntil(() => told.length > 0, { timeout: 10_000 });
      expect(told).toEqual(["alone.b"]);
      stop();
    });

    it("knows how old a value is", async () => {
      const [one] = await open();
      await one.create("aged.a", bytes("first"));
      expect((await one.get("aged.a"))?.ageMs).toBeLessThan(10_000);
    });

    it("forgets what is deleted, and takes the key again", async () => {
      const [one, other] = await open();
      await one.create("gone.a", bytes("first"));
      await one.delete("gone.a");
      await one.delete("gone.a");
      expect(await other.get("gone.a")).toBeUndefined();
      await other.create("gone.a", bytes("second"));
    });

    it("lists the keys that have a value", async () => {
      const [one, other] = await open();
      const listed = async () => (await other.keys()).filter((key) => key.startsWith("listed.")).sort();
      expect(await listed()).toEqual([]);
      for (const key of ["listed.a", "listed.b", "listed.c"]) await one.create(key, bytes("first"));
      await one.delete("listed.b");
      expect(await listed()).toEqual(["listed.a", "listed.c"]);
    });

    it("refuses what is too large", async () => {
      const [one] = await open();
      await expect(one.create("large.a", new Uint8Array(1025))).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    });
  });
}
