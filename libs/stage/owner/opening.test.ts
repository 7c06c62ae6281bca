import { create } from "@bufbuild/protobuf";
import { SessionStateSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { createGrants, type Grants } from "@troupe/session";
import { until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { stageNames } from "../edges.ts";
import type { Stage } from "../stage.ts";
import { idleStage, openSession, ownedSession, readAsGateway, startPlatform } from "../testing/platform.ts";
import { contextOf, grants, type MemoryRig, memoryRig, readIdly, settings, site } from "../testing/rig.ts";
import { closeBinding, openBinding } from "./binding-client.ts";
import { requestDrain } from "./drain.ts";
import type { OwnedSession, OwnedSessionDeps } from "./owned-session.ts";
import type { Registry } from "./registry.ts";

const seats = (replicas: readonly { readonly sessions: number }[]) => replicas.map(({ sessions }) => sessions);

/** What the owner knew of the replicas at this moment, for ever. */
function staleView(registry: Registry): Registry {
  const known = new Map(stageNames.map((stage) => [stage, registry.candidates(stage)]));
  return { ...registry, candidates: (stage) => known.get(stage) ?? [] };
}

const llmOf = (session: OwnedSession) => session.binding("llm")?.replica;

describe("opening a session", () => {
  it("takes a seat at every stage, and gives all back when it is closed", async () => {
    const rig = memoryRig();
    const { all } = await startPlatform(rig, {});
    const session = await openSession(rig, "s1");
    expect(seats(all)).toEqual([1, 1, 1, 1, 1]);
    expect(
      session
        .bindings()
        .map(({ stage }) => stage)
        .sort(),
    ).toEqual([...stageNames].sort());
    await session.close();
    expect(seats(all)).toEqual([0, 0, 0, 0, 0]);
  });

  const forged: Record<string, Pick<Grants, "sign">> = {
    "without a grant": { sign: async () => "" },
    "under another key": createGrants(new Uint8Array(32).fill(8)),
    "with one that has expired": createGrants(new Uint8Array(32).fill(7), -10),
  };
  it.each(Object.entries(forged))("is refused %s", async (_, { sign }) => {
    const rig = memoryRig();
    const { all } = await startPlatform(rig, {});
    readAsGateway(rig, contextOf("s1"));
    const session = ownedSession(rig, "s1", { grants: { ...grants, sign } });
    await expect(session.open()).rejects.toMatchObject({ reason: "GRANT_INVALID" });
    expect(seats(all)).toEqual([0, 0, 0, 0, 0]);
  });

  it.each(["tenant", "session", "stage"])("is refused with the grant for another %s", async (field) => {
    const rig = memoryRig();
    const { all } = await startPlatform(rig, {});
    readAsGateway(rig, contextOf("s1"));
    const sign: Grants["sign"] = (grant) => grants.sign({ ...grant, [field]: "other" });
    const session = ownedSession(rig, "s1", { grants: { ...grants, sign } });
    await expect(session.open()).rejects.toMatchObject({ reason: "GRANT_SCOPE", metadata: { field } });
    expect(seats(all)).toEqual([0, 0, 0, 0, 0]);
  });

  it.each(stageNames)("is all or nothing when %s refuses", async (name) => {
    const rig = memoryRig();
    let asked = 0;
    const check = () => {
      asked++;
      throw new ServiceError("INVALID_REQUEST", "no such voice");
    };
    const { all } = await startPlatform(rig, { picky: { stage: idleStage(name, { check }) } });
    readAsGateway(rig, contextOf("s1"));
    await expect(ownedSession(rig, "s1").open()).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    expect(asked).toBe(1);
    expect(seats(all)).toEqual([0, 0, 0, 0, 0]);
  });

  it("is all or nothing when nobody serves a stage", async () => {
    const rig = memoryRig();
    const { asr, all } = await startPlatform(rig, { asr: { stage: idleStage("asr") } });
    await asr.drain(0);
    readAsGateway(rig, contextOf("s1"));
    await expect(ownedSession(rig, "s1").open()).rejects.toMatchObject({ reason: "NO_REPLICA", retryAfterMs: 1000 });
    expect(seats(all)).toEqual([0, 0, 0, 0, 0]);
  });

  it("takes nothing more when the session is closed meanwhile", async () => {
    const rig = memoryRig();
    const { all } = await startPlatform(rig, {});
    readAsGateway(rig, contextOf("s1"));
    const session = ownedSession(rig, "s1");
    const opening = session.open();
    await session.close();
    await expect(opening).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(seats(all)).toEqual([0, 0, 0, 0, 0]);
  });

  it("leaves no stage behind that could not be connected", async () => {
    const rig = memoryRig();
    let closed = 0;
    const { llm } = await startPlatform(rig, { llm: { stage: idleStage("llm", { onClose: () => closed++ }) } });
    const context = { ...contextOf("s1"), tenant: "no subject token" };
    const { clock: _, ...deps } = { ...rig, site, grants };
    const wanted = { context, stage: "llm", settings: settings.llm, epoch: 1, fromNumber: 1, state: create(SessionStateSchema) } as const;
    await expect(openBinding(deps, wanted)).rejects.toMatchObject({ reason: "INVALID_SUBJECT" });
    expect([closed, llm.sessions]).toEqual([1, 0]);
  });

  it("fails when an edge lacks one of its readers", async () => {
    const rig = memoryRig();
    const { all } = await startPlatform(rig, {});
    readAsGateway(rig, contextOf("s1"), "reply");
    await expect(ownedSession(rig, "s1").open()).rejects.toMatchObject({ reason: "NO_RESPONDERS", metadata: { edge: "reply" } });
    expect(seats(all)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("a seat that is given up while its stage still opens", () => {
  async function slowOpening() {
    const rig = memoryRig();
    const ready = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const slow: Stage = {
      name: "llm",
      async open(session) {
        entered.resolve();
        await ready.promise;
        return await idleStage("llm").open(session);
      },
    };
    const { llm } = await startPlatform(rig, { llm: { stage: slow } });
    const context = contextOf("s1");
    const deps = { bus: rig.bus, site, grants, registry: rig.registry };
    readIdly(rig.bus, context, "reply");
    readIdly(rig.bus, context, "reply");
    const state = create(SessionStateSchema);
    const wanted = { context, stage: "llm", settings: settings.llm, epoch: 1, fromNumber: 1, state } as const;
    const opening = openBinding(deps, wanted);
    await entered.promise;
    const binding = { stage: "llm", replica: "llm", boot: "", epoch: 1 } as const;
    return {
      llm,
      ready,
      opening,
      close: () => closeBinding(deps, context, binding),
      drain: () => requestDrain(deps, binding, "ScaleDown"),
    };
  }

  it("is free when its owner has closed it", async () => {
    const { llm, ready, opening, close } = await slowOpening();
    await close();
    ready.resolve();
    await expect(opening).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(llm.sessions).toBe(0);
  });

  it("counts for whoever waits until the replica is empty", async () => {
    const { llm, ready, opening, drain } = await slowOpening();
    expect(await drain()).toMatchObject({ sessions: 1 });
    ready.resolve();
    await opening;
    expect(llm.sessions).toBe(1);
  });

  it("is free when the replica stops", async () => {
    const { llm, ready, opening } = await slowOpening();
    await llm[Symbol.asyncDispose]();
    ready.resolve();
    await expect(opening).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(llm.sessions).toBe(0);
  });
});

describe("a replica that cannot take a session", () => {
  async function twoReplicas(maxSessions: number) {
    const rig = memoryRig();
    const options = { maxSessions };
    const replicas = await startPlatform(rig, {
      "llm-a": { stage: idleStage("llm"), options: { maxSessions: maxSessions + 1 } },
      "llm-b": { stage: idleStage("llm"), options },
    });
    return { rig, ...replicas };
  }

  async function open(rig: MemoryRig, id: string, registry: Registry): Promise<OwnedSession> {
    const session = ownedSession(rig, id, { registry });
    readAsGateway(rig, session.context);
    await session.open();
    return session;
  }

  it("is passed over for the next best when it is full", async () => {
    const { rig, "llm-b": second } = await twoReplicas(1);
    const view = staleView(rig.registry);
    const chosen: (string | undefined)[] = [];
    for (const id of ["s1", "s2", "s3"]) chosen.push(llmOf(await open(rig, id, view)));
    expect(chosen).toEqual(["llm-a", "llm-a", "llm-b"]);
    expect(second.sessions).toBe(1);
    await expect(open(rig, "s4", view)).rejects.toMatchObject({ reason: "NO_CAPACITY", retryAfterMs: 1000, metadata: { stage: "llm" } });
  });

  it("fills its seats with sessions that open at the same time, each counted once", async () => {
    const rig = memoryRig();
    const { llm } = await startPlatform(rig, { llm: { stage: idleStage("llm"), options: { maxSessions: 3 } } });
    const opened = await Promise.allSettled(["s1", "s2", "s3", "s4"].map((id) => openSession(rig, id)));
    expect(opened.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(opened.find(({ status }) => status === "rejected")).toMatchObject({ reason: { reason: "NO_CAPACITY" } });
    expect(llm.sessions).toBe(3);
  });

  it("counts a session once that waits for its readers", async () => {
    const rig = memoryRig();
    const { llm } = await startPlatform(rig, { llm: { stage: idleStage("llm"), options: { maxSessions: 2 } } });
    const waiting = ownedSession(rig, "s1");
    readAsGateway(rig, waiting.context, "reply");
    const opening = waiting.open();
    await until("it waits", () => llm.sessions === 1);
    await openSession(rig, "s2");
    readIdly(rig.bus, waiting.context, "reply");
    await opening;
    expect(llm.sessions).toBe(2);
  });

  it("is not chosen while it drains, however much room it has", async () => {
    const { rig, "llm-a": first } = await twoReplicas(4);
    const view = staleView(rig.registry);
    await first.drain(0);
    await until("the registry knows", () => rig.registry.candidates("llm").length === 1);
    expect(rig.registry.candidates("llm")[0]?.replica).toBe("llm-b");
    expect(llmOf(await openSession(rig, "s1"))).toBe("llm-b");
    expect(llmOf(await open(rig, "s2", view))).toBe("llm-b");
    expect(first.sessions).toBe(0);
  });

  it("is chosen only where the session's route leads, first and when the session moves or is replaced", async () => {
    const { rig } = await twoReplicas(4);
    const open = new Set(["llm-b"]);
    const route: OwnedSessionDeps["route"] = ({ session }, stage, replicas) =>
      session === "s1" && stage === "llm" ? replicas.filter(({ replica }) => open.has(replica)) : replicas;
    expect(llmOf(await openSession(rig, "free", { route }))).toBe("llm-a");
    const session = await openSession(rig, "s1", { route });
    expect(llmOf(session)).toBe("llm-b");
    await expect(session.move("llm")).rejects.toMatchObject({ reason: "NO_REPLICA" });
    await expect(session.replace("llm", settings.llm, true)).rejects.toMatchObject({ reason: "NO_REPLICA" });
    expect(llmOf(session)).toBe("llm-b");
    open.add("llm-a");
    await session.move("llm");
    expect(llmOf(session)).toBe("llm-a");
  });

  it("refuses with DRAINING who comes all the same", async () => {
    const rig = memoryRig();
    const { llm } = await startPlatform(rig, { llm: { stage: idleStage("llm") } });
    const view = staleView(rig.registry);
    await llm.drain(0);
    await expect(open(rig, "s1", view)).rejects.toMatchObject({ reason: "DRAINING", metadata: { replica: "llm" } });
  });
});
