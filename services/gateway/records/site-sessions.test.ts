import { create, toBinary } from "@bufbuild/protobuf";
import { createMemoryBroker } from "@troupe/bus";
import { OutputSettingsSchema, SessionContextSchema, type SessionRecord, SessionRecordSchema } from "@troupe/contracts";
import { createManualClock, until } from "@troupe/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Principal, unlimited } from "../access/principal.ts";
import { logger } from "../http/live.testing.ts";
import { LiveSession } from "../session/live-session.ts";
import type { RecordKeeper } from "./record-keeper.ts";
import { summaryOf } from "./session-record.ts";
import { SessionRecords, unknownSession } from "./session-records.ts";
import { SiteSessions } from "./site-sessions.ts";

const callerOf = (tenant: string): Principal => ({ tenant, key: "k", limits: unlimited, motionOnly: false });
const acme = callerOf("acme");
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
/** Of the bucket that the site's gateways share. */
const bucket = ["troupe-sessions-local", { ttlMs: 60_000 }] as const;

/** Gateways of a site, with sessions that nobody speaks in. */
function site() {
  const clock = createManualClock();
  const broker = createMemoryBroker(() => clock.nowMs());
  const utcNowMs = () => 1_000_000 + clock.nowMs();

  async function gateway(owner: string) {
    const bus = broker.connect();
    const table = new Map<string, LiveSession>();
    const keepers = new Map<string, RecordKeeper>();
    const ended: SessionRecord[] = [];
    const contextOf = ({ id, facts }: LiveSession) =>
      create(SessionContextSchema, { site: "local", tenant: facts.principal.tenant, session: id, owner, avatar: facts.avatar });
    const here = (id: string) => {
      const live = table.get(id);
      if (!live) throw unknownSession();
      return live;
    };
    const handlers = {
      yield: async () => undefined,
      holds: (id: string) => table.has(id),
      report: async (id: string) => summaryOf(here(id), contextOf(here(id))),
      async end(id: string) {
        const live = here(id);
        await live.end("removed");
        return summaryOf(live, contextOf(live));
      },
    };
    const records = await SessionRecords.open({ bus, clock, logger }, { site: "local", owner, ttlMs: 60_000, handlers });
    const sessions = new SiteSessions({
      ...{ owner, records: Promise.resolve(records), logger, utcNowMs },
      local: (id) => table.get(id),
      locals: () => [...table.values()],
      onEnded: (record) => ended.push(record),
    });
    async function open(number: number, principal = acme): Promise<LiveSession> {
      const output = create(OutputSettingsSchema, { framesPerSecond: 25 });
      const openedUnixMs = utcNowMs();
      const facts = { id: idOf(number), principal, avatar: "mara", seed: 1, label: "", output, resumeWindowMs: 30_000, openedUnixMs };
      const onEnd = async () => {
        table.delete(live.id);
        return (await keepers.get(live.id)?.remove()) ?? true;
      };
      const live = new LiveSession({ clock, onEnd, onChange: () => keepers.get(live.id)?.changed() }, facts);
      const read = () => summaryOf(live, contextOf(live));
      keepers.set(live.id, await records.create(live.id, read, () => void live.end("taken")));
      table.set(live.id, live);
      return live;
    }
    /** Nobody answers for it any more, and its records stay. */
    const kill = () => {
      records[Symbol.dispose]();
      for (const keeper of keepers.values()) keeper.abandon();
      table.clear();
    };
    onTestFinished(() => {
      kill();
      return bus.drain();
    });
    /** It hears nobody, and works on. */
    const deafen = () => records[Symbol.dispose]();
    return { sessions, open, kill, deafen, ended };
  }
  return { clock, gateway, store: () => broker.connect().keyValue(...bucket) };
}

describe("a session of another gateway", () => {
  it("is told of as its owner has it now, which its record has not yet", async () => {
    const { gateway } = site();
    const [one, two] = [await gateway("one"), await gateway("two")];
    const live = await one.open(1);
    live.usage.heard(5);
    live.event({ case: "responseDone", value: { response: 1, heardText: "Hello.", complete: true, presentedUs: 2_000_000n } as never });
    const report = await two.sessions.find(live.id, acme);
    expect(report).toMatchObject({ id: live.id, avatar: "mara", openedUnixMs: 1_000_000, output: { framesPerSecond: 25 } });
    expect(report.usage).toMatchObject({ heardSeconds: 5, spokenSeconds: 2, responses: 1 });
    expect(report.transcript).toMatchObject({ entries: [{ role: "avatar", text: "Hello." }], dropped: 0 });
  });

  it("is told of from its record where its owner is gone, as one that nobody is attached to", async () => {
    const { clock, gateway, store } = site();
    const [one, two] = [await gateway("one"), await gateway("two")];
    const live = await one.open(1);
    const kept = await (await store()).get(live.id);
    const context = { site: "local", tenant: "acme", session: live.id, owner: "one", avatar: "mara" };
    const record = create(SessionRecordSchema, { context, openedUnixMs: 1_000_000n, connections: 2, usage: { heardSeconds: 7 } });
    await (await store()).update(live.id, toBinary(SessionRecordSchema, record), kept?.revision ?? 0);
    one.kill();
    await clock.advance(4000);
    const report = await two.sessions.find(live.id, acme);
    expect(report).toMatchObject({ connections: 0, usage: { heardSeconds: 7, sessionSeconds: 4 } });
  });

  it("is the same unknown one to strangers as one that never was", async () => {
    const { gateway } = site();
    const [one, two] = [await gateway("one"), await gateway("two")];
    const live = await one.open(1);
    const secret = { id: "another", expiresAtMs: 0, session: {} };
    const strangers = [
      [live.id, callerOf("globex")],
      [live.id, { ...acme, clientSecret: secret }],
      [idOf(2), acme],
      ["troupe.>", acme],
    ] as const;
    const unknown = { reason: "SESSION_UNKNOWN", message: unknownSession().message };
    for (const gatewayAsked of [one, two])
      for (const [id, caller] of strangers) {
        await expect(gatewayAsked.sessions.find(id, caller)).rejects.toMatchObject(unknown);
        await expect(gatewayAsked.sessions.end(id, caller)).rejects.toMatchObject(unknown);
      }
    expect(await two.sessions.find(live.id, { ...acme, clientSecret: { ...secret, sessionId: live.id } })).toMatchObject({ id: live.id });
  });

  it("is ended by its owner, which tells what it was", async () => {
    const { gateway } = site();
    const [one, two] = [await gateway("one"), await gateway("two")];
    const live = await one.open(1);
    live.usage.heard(5);
    expect(await two.sessions.end(live.id, acme)).toMatchObject({ id: live.id, usage: { heardSeconds: 5 } });
    expect(await live.ended).toBe("removed");
    expect(two.ended).toEqual([]);
    await expect(two.sessions.find(live.id, acme)).rejects.toMatchObject({ reason: "SESSION_UNKNOWN" });
  });

  it("is ended from its record where its owner is gone, once, by one of two that are asked", async () => {
    const { gateway } = site();
    const [one, two, three] = [await gateway("one"), await gateway("two"), await gateway("three")];
    const live = await one.open(1);
    one.kill();
    const outcomes = await Promise.allSettled([two.sessions.end(live.id, acme), three.sessions.end(live.id, acme)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find((outcome) => outcome.status === "rejected")?.reason).toMatchObject({ reason: "SESSION_UNKNOWN" });
    expect([...two.ended, ...three.ended].map(({ context }) => context?.session)).toEqual([live.id]);
    await expect(two.sessions.find(live.id, acme)).rejects.toMatchObject({ reason: "SESSION_UNKNOWN" });
  });

  it("ends where its owner only did not answer, as soon as that one writes again", async () => {
    const { clock, gateway } = site();
    const [one, two] = [await gateway("one"), await gateway("two")];
    const live = await one.open(1);
    one.deafen();
    await two.sessions.end(live.id, acme);
    let reason: string | undefined;
    void live.ended.then((why) => {
      reason = why;
    });
    await until(
      "the owner finds out",
      () => reason !== undefined,
      () => clock.advance(1000),
    );
    expect(reason).toBe("taken");
    expect(await live.concluded).toBe(false);
    await expect(two.sessions.find(live.id, acme)).rejects.toMatchObject({ reason: "SESSION_UNKNOWN" });
  });
});

describe("the list of a tenant's sessions", () => {
  it("has those of every gateway in the order in which they were opened, page by page", async () => {
    const { clock, gateway } = site();
    const [one, two] = [await gateway("one"), await gateway("two")];
    const opened: string[] = [];
    for (const number of [5, 3, 4, 1, 2]) {
      opened.push((await (number % 2 === 0 ? two : one).open(number)).id);
      await clock.advance(10);
    }
    await one.open(9, callerOf("globex"));
    for (const { sessions } of [one, two]) {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await sessions.page("acme", { limit: 2, ...(after !== undefined && { after }) });
        expect(page.sessions.length).toBeLessThanOrEqual(2);
        found.push(...page.sessions.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      expect(found).toEqual(opened);
    }
  });

  it("goes on after a session that is over meanwhile, and leaves out what is over", async () => {
    const { clock, gateway } = site();
    const [one, two] = [await gateway("one"), await gateway("two")];
    const lives: LiveSession[] = [];
    for (const number of [1, 2, 3]) {
      lives.push(await one.open(number));
      await clock.advance(10);
    }
    const first = await two.sessions.page("acme", { limit: 1 });
    for (const live of lives.slice(0, 2)) await live.end("client");
    const { sessions, next } = await two.sessions.page("acme", { limit: 1, after: first.next ?? "" });
    expect([sessions.map(({ id }) => id), next]).toEqual([[idOf(3)], undefined]);
  });
});
