import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createMemoryBroker, type KeyValueStore } from "@troupe/bus";
import { type SessionRecord, SessionRecordSchema } from "@troupe/contracts";
import { createManualClock, until } from "@troupe/testkit";
import { expect, it, onTestFinished, vi } from "vitest";
import { AbandonedSessions } from "./abandoned-sessions.ts";
import type { OwnerHandlers } from "./owner-calls.ts";
import type { RecordKeeper } from "./record-keeper.ts";
import { hashToken } from "./session-record.ts";
import { SessionRecords, unknownSession } from "./session-records.ts";

const session = "0b7f1f6e-5a35-4c80-b7a5-06a3f0c1d9aa";
const token = `${session}.secret`;
const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A gateway without sessions. */
const noSessions: OwnerHandlers = {
  yield: async () => undefined,
  holds: () => false,
  report: () => Promise.reject(unknownSession()),
  end: () => Promise.reject(unknownSession()),
};

function recordBy(owner: string, presentedUs = 0n): SessionRecord {
  const context = { site: "local", tenant: "demo", session, owner, avatar: "mara", seed: 7 };
  return create(SessionRecordSchema, { context, resumeTokenHash: hashToken(token), presentedUs });
}

async function site() {
  const clock = createManualClock();
  const broker = createMemoryBroker(() => clock.nowMs());
  const bus = broker.connect();
  const store = await bus.keyValue("troupe-sessions-local", { ttlMs: 60_000 });
  const gateway = async (owner: string, onYield: (session: string) => Promise<void> = async () => undefined) => {
    const handlers = { ...noSessions, yield: onYield };
    const records = await SessionRecords.open({ bus, clock, logger }, { site: "local", owner, ttlMs: 60_000, handlers });
    onTestFinished(() => records[Symbol.dispose]());
    return records;
  };
  /** A gateway that tells of sessions that nobody has; `holds` says which it has itself. */
  const watcher = async (owner: string, holds: (session: string) => boolean = () => false) => {
    const handlers = { ...noSessions, holds };
    const records = await SessionRecords.open({ bus, clock, logger }, { site: "local", owner, ttlMs: 60_000, handlers });
    const told: string[] = [];
    const abandoned = records.abandoned(40_000, (record) => told.push(`${record.context?.session}: ${record.presentedUs}`));
    onTestFinished(() => {
      abandoned[Symbol.dispose]();
      records[Symbol.dispose]();
    });
    return told;
  };
  return { clock, store, gateway, watcher };
}

const keptBy = async (store: KeyValueStore) => {
  const kept = await store.get(session);
  return kept && fromBinary(SessionRecordSchema, kept.value);
};

it("gives a session to the gateway that its client comes back to", async () => {
  const { store, gateway } = await site();
  await (await gateway("one")).create(
    session,
    () => recordBy("one", 5n),
    () => undefined,
  );
  const { record } = await (await gateway("two")).take(token);
  expect(record).toMatchObject({ presentedUs: 5n, context: { owner: "two" } });
  expect((await keptBy(store))?.context?.owner).toBe("two");
});

it.each([
  ["another secret", `${session}.other`],
  ["another session", "1b7f1f6e-5a35-4c80-b7a5-06a3f0c1d9aa.secret"],
  ["no session id", "troupe.>.secret"],
  ["nothing", ""],
])("tells nothing to who shows %s", async (_, shown) => {
  const { gateway } = await site();
  await (await gateway("one")).create(
    session,
    () => recordBy("one"),
    () => undefined,
  );
  await expect((await gateway("two")).take(shown)).rejects.toMatchObject({ reason: "SESSION_UNKNOWN" });
});

it("asks an owner that lives to let go first, so that nothing of the last moments is lost", async () => {
  const { gateway } = await site();
  let keeper: RecordKeeper | undefined;
  const one = await gateway("one", async () => await keeper?.release(recordBy("", 9_000n)));
  keeper = await one.create(
    session,
    () => recordBy("one", 1n),
    () => undefined,
  );
  const { record } = await (await gateway("two")).take(token);
  expect(record.presentedUs).toBe(9_000n);
});

it("gives it to one of two gateways that want it at once", async () => {
  const { store, gateway } = await site();
  await store.create(session, toBinary(SessionRecordSchema, recordBy("")));
  const [two, three] = [await gateway("two"), await gateway("three")];
  const outcomes = await Promise.allSettled([two.take(token), three.take(token)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(outcomes.find((outcome) => outcome.status === "rejected")?.reason).toMatchObject({ reason: "RECORD_CONFLICT" });
});

it("writes what changed, and tells an owner whose session was taken", async () => {
  const { clock, store, gateway } = await site();
  let presentedUs = 0n;
  let taken = false;
  const onTaken = () => {
    taken = true;
  };
  const keeper = await (await gateway("one")).create(session, () => recordBy("one", presentedUs), onTaken);
  presentedUs = 3n;
  keeper.changed();
  await clock.advance(300);
  await vi.waitUntil(async () => (await keptBy(store))?.presentedUs === 3n);
  const kept = await store.get(session);
  await store.update(session, toBinary(SessionRecordSchema, recordBy("two", 4n)), kept?.revision ?? 0);
  keeper.changed();
  await clock.advance(300);
  await until("the owner is told", () => taken);
  expect((await keptBy(store))?.context?.owner).toBe("two");
});

it("goes on where the answer to its own write was lost", async () => {
  const { clock, store, gateway } = await site();
  let presentedUs = 0n;
  const keeper = await (await gateway("one")).create(
    session,
    () => recordBy("one", presentedUs),
    () => expect.unreachable(),
  );
  const kept = await store.get(session);
  await store.update(session, toBinary(SessionRecordSchema, recordBy("one", 1n)), kept?.revision ?? 0);
  presentedUs = 2n;
  keeper.changed();
  await clock.advance(600);
  await vi.waitUntil(async () => (await keptBy(store))?.presentedUs === 2n);
  keeper.abandon();
});

it("keeps a silent session's record fresh, and drops it at its end", async () => {
  const { clock, store, gateway } = await site();
  const keeper = await (await gateway("one")).create(
    session,
    () => recordBy("one"),
    () => undefined,
  );
  for (let step = 0; step < 30; step++) await clock.advance(5000);
  expect((await keptBy(store))?.context?.owner).toBe("one");
  await keeper.remove();
  expect(await keptBy(store)).toBeUndefined();
});

it("leaves the record to the gateway that took the session, and says that it goes on there", async () => {
  const { store, gateway } = await site();
  const keeper = await (await gateway("one")).create(
    session,
    () => recordBy("one"),
    () => undefined,
  );
  await (await gateway("two")).take(token);
  expect(await keeper.remove()).toBe(false);
  expect((await keptBy(store))?.context?.owner).toBe("two");
});

it("can be taken by nobody from the moment it is over", async () => {
  const { gateway } = await site();
  const keeper = await (await gateway("one")).create(
    session,
    () => recordBy("one"),
    () => undefined,
  );
  const [over, taken] = await Promise.allSettled([keeper.remove(), (await gateway("two")).take(token)]);
  expect(over).toMatchObject({ status: "fulfilled", value: taken.status === "rejected" });
});

it("tells of a session that was handed over and that nobody came back to, once", async () => {
  const { clock, store, watcher } = await site();
  const [two, three] = [await watcher("two"), await watcher("three")];
  await store.create(session, toBinary(SessionRecordSchema, recordBy("", 7n)));
  for (let step = 0; step < 38; step++) await clock.advance(1000);
  expect([...two, ...three]).toEqual([]);
  for (let step = 0; step < 6; step++) await clock.advance(1000);
  await vi.waitUntil(() => two.length + three.length > 0);
  expect([...two, ...three]).toEqual([`${session}: 7`]);
  expect(await keptBy(store)).toBeUndefined();
});

it("tells of it once, though two gateways look at the same moment", async () => {
  const { clock, store } = await site();
  const reading = Promise.withResolvers<void>();
  let readers = 0;
  const together: KeyValueStore = {
    ...store,
    async get(key) {
      const kept = await store.get(key);
      if (++readers === 2) reading.resolve();
      await reading.promise;
      return kept;
    },
  };
  const told: string[] = [];
  for (const gateway of ["two", "three"]) {
    const deps = { clock, logger, store: together, holds: async () => false, onAbandoned: () => told.push(gateway) };
    const abandoned = new AbandonedSessions(deps, 40_000);
    onTestFinished(() => abandoned[Symbol.dispose]());
  }
  await store.create(session, toBinary(SessionRecordSchema, recordBy("")));
  for (let step = 0; step < 50; step++) await clock.advance(1000);
  await vi.waitUntil(async () => told.length > 0 && (await keptBy(store)) === undefined);
  expect(readers).toBeGreaterThanOrEqual(2);
  expect(told).toHaveLength(1);
});

it("tells of one whose gateway was killed, and of none that its gateway has, though it cannot write", async () => {
  const { clock, store, watcher } = await site();
  const two = await watcher("two");
  await watcher("slow", (held) => held === session);
  await store.create(session, toBinary(SessionRecordSchema, recordBy("slow")));
  const killed = "2b7f1f6e-5a35-4c80-b7a5-06a3f0c1d9aa";
  const { context, ...rest } = recordBy("killed", 8n);
  await store.create(
    killed,
    toBinary(SessionRecordSchema, { ...rest, context: { ...(context as NonNullable<typeof context>), session: killed } }),
  );
  for (let step = 0; step < 50; step++) await clock.advance(1000);
  await vi.waitUntil(() => two.length > 0);
  expect(two).toEqual([`${killed}: 8`]);
  expect((await keptBy(store))?.context?.owner).toBe("slow");
});
