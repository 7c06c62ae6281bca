import { infrastructureSubject } from "@troupe/bus";
import { until } from "@troupe/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { echoOf, echoStage, Turnstile } from "../testing/echo-stage.ts";
import { idleStage, openSession, readAsGateway, startPlatform } from "../testing/platform.ts";
import { contextOf, grants, type MemoryRig, memoryRig, PromptingOwner, settings, site, startReplica } from "../testing/rig.ts";
import { sendBeat } from "./binding-client.ts";
import { keepLeases } from "./leases.ts";
import { OwnedSession } from "./owned-session.ts";

/** The owner's beats, and what they told of its sessions; `taken` says whether a loss that was told now is seen to. */
function beating(rig: MemoryRig, sessions: readonly OwnedSession[], taken: (told: number) => boolean = () => true) {
  const held = new Map(sessions.map((session) => [session, true]));
  const lost: string[] = [];
  const draining: string[] = [];
  const deps = { bus: rig.bus, site, grants, registry: rig.registry, owner: "gateway-1", clock: rig.clock };
  const leases = keepLeases(deps, held, {
    onLost: ({ context }, { stage, replica }) => taken(lost.push(`${context.session} ${stage} ${replica}`)),
    onDraining: ({ context }, { stage }) => draining.push(`${context.session} ${stage}`),
  });
  onTestFinished(() => leases[Symbol.dispose]());
  return { held, lost, draining, stop: () => leases[Symbol.dispose]() };
}

describe("a replica whose owner is silent", () => {
  async function served(resumeWindowMs: number) {
    const rig = memoryRig();
    let suspended = 0;
    const stage = idleStage("llm", { onSuspend: () => suspended++ });
    const { llm } = await startPlatform(rig, { llm: { stage, options: { resumeWindowMs } } });
    const session = await openSession(rig, "s1");
    return { rig, llm, session, suspensions: () => suspended };
  }

  it("serves on for as long as the beats come", async () => {
    const { rig, llm, session, suspensions } = await served(5000);
    const { lost } = beating(rig, [session]);
    await rig.clock.advance(20_000);
    expect([llm.sessions, suspensions(), lost]).toEqual([1, 0, []]);
  });

  it("suspends the session after three missed beats and frees the seat after the resume window", async () => {
    const { rig, llm, session, suspensions } = await served(5000);
    const { stop } = beating(rig, [session]);
    await rig.clock.advance(3000);
    stop();
    await rig.clock.advance(1500);
    expect(suspensions()).toBe(0);
    await rig.clock.advance(300);
    expect(suspensions()).toBe(1);
    await rig.clock.advance(3100);
    expect([llm.sessions, suspensions()]).toEqual([1, 1]);
    await rig.clock.advance(300);
    expect(llm.sessions).toBe(0);
  });

  it("goes on when the owner is back in time, and suspends again when it is silent again", async () => {
    const { rig, llm, session, suspensions } = await served(5000);
    await rig.clock.advance(4000);
    expect(suspensions()).toBe(1);
    const { stop, lost } = beating(rig, [session]);
    await rig.clock.advance(10_000);
    expect([llm.sessions, suspensions(), lost]).toEqual([1, 1, []]);
    stop();
    await rig.clock.advance(2000);
    expect(suspensions()).toBe(2);
  });

  it("ends what it had begun with an error, and serves what comes when the owner is back", async () => {
    const rig = memoryRig();
    const turnstile = new Turnstile();
    await startPlatform(rig, { llm: { stage: echoStage({ pace: turnstile.pass }) } });
    const session = await openSession(rig, "s1");
    const owner = new PromptingOwner(rig.bus, session.context, rig.clock, session.state);
    owner.prompt(session.state.nextResponse(), "3 one");
    const announced = session.state.nextResponse();
    turnstile.letOne(0);
    await rig.clock.advance(2500);
    await until("the first response has failed", () => owner.outcome(1) === "STAGE_FAILED");
    beating(rig, [session]);
    await rig.clock.advance(600);
    turnstile.openWide();
    owner.prompt(announced, "3 two");
    await until("the second response is complete", () => owner.outcome(announced) === "ok");
    expect(owner.answers.get(announced)?.bodies).toEqual(echoOf("3 two"));
  });

  it("does not count the time its own bus was down", async () => {
    const { rig, llm, session, suspensions } = await served(5000);
    const { lost } = beating(rig, [session]);
    await rig.clock.advance(1000);
    const outage = rig.broker.interrupt();
    await rig.clock.advance(20_000);
    expect([llm.sessions, suspensions(), lost]).toEqual([1, 0, []]);
    outage.restore();
    await rig.clock.advance(5000);
    expect([llm.sessions, suspensions(), lost]).toEqual([1, 0, []]);
  });

  it("takes a beat without an owner for nobody's", async () => {
    const rig = memoryRig();
    const { llm } = await startPlatform(rig, { llm: { stage: idleStage("llm") } });
    const context = { ...contextOf("s1"), owner: "" };
    readAsGateway(rig, context);
    const deps = { bus: rig.bus, site, grants, registry: rig.registry };
    await new OwnedSession({ ...deps, owner: "" }, context, settings).open();
    await rig.clock.advance(2500);
    expect(await sendBeat(deps, "llm", "", [])).toMatchObject({ sessions: [] });
    expect(llm.sessions).toBe(1);
  });

  it("frees a seat that the owner's beats no longer name", async () => {
    const { rig, llm, session } = await served(30_000);
    const other = await openSession(rig, "s2");
    const { held } = beating(rig, [session, other]);
    await rig.clock.advance(3000);
    expect(llm.sessions).toBe(2);
    held.delete(other);
    await rig.clock.advance(600);
    expect(llm.sessions).toBe(1);
  });
});

describe("an owner whose replica is gone", () => {
  async function twoSessions() {
    const rig = memoryRig();
    const media = rig.broker.connect();
    const { "llm-doomed": llm } = await startPlatform(rig, { "llm-doomed": { stage: idleStage("llm"), bus: media } });
    const sessions = [await openSession(rig, "s1"), await openSession(rig, "s2")];
    const leases = beating(rig, sessions);
    await rig.clock.advance(2000);
    expect(leases.lost).toEqual([]);
    return { rig, media, llm, leases, sessions };
  }
  const both = ["s1 llm llm-doomed", "s2 llm llm-doomed"];

  it("hears of it once for each session when the replica was killed", async () => {
    const { rig, media, leases } = await twoSessions();
    await media.drain();
    await rig.clock.advance(1500);
    expect(leases.lost).toEqual(both);
    await rig.clock.advance(10_000);
    expect(leases.lost).toEqual(both);
  });

  it("hears of it once for each session when the replica hangs", async () => {
    const { rig, media, leases } = await twoSessions();
    await media.drain();
    rig.bus.subscribe(infrastructureSubject(site, "replica", "llm-doomed", "beat"), { limit: 100, overflow: "drop-oldest" });
    await rig.clock.advance(1100);
    expect(leases.lost).toEqual([]);
    await rig.clock.advance(500);
    await until("three beats are missed", () => leases.lost.length === 2);
    expect(leases.lost).toEqual(both);
  });

  it("hears of it once for each session when the replica has started anew", async () => {
    const { rig, llm, leases } = await twoSessions();
    leases.held.set(await openSession(rig, "s3"), true);
    await llm[Symbol.asyncDispose]();
    const again = startReplica({ clock: rig.clock, bus: rig.broker.connect() }, idleStage("llm"), { replica: "llm-doomed" });
    onTestFinished(() => again[Symbol.asyncDispose]());
    await rig.clock.advance(600);
    expect(leases.lost).toEqual([...both, "s3 llm llm-doomed"]);
    await rig.clock.advance(10_000);
    expect(leases.lost).toHaveLength(3);
  });

  it("hears of it again until it can see to it", async () => {
    const rig = memoryRig();
    const { llm } = await startPlatform(rig, { llm: { stage: idleStage("llm") } });
    const { lost } = beating(rig, [await openSession(rig, "s1")], (told) => told === 3);
    await llm[Symbol.asyncDispose]();
    await rig.clock.advance(20_000);
    expect(lost).toEqual(["s1 llm llm", "s1 llm llm", "s1 llm llm"]);
  });

  it("hears nothing of sessions that it has closed itself", async () => {
    const { rig, media, leases, sessions } = await twoSessions();
    await media.drain();
    leases.held.delete(sessions[0] as OwnedSession);
    await sessions[0]?.close();
    await rig.clock.advance(3000);
    expect(leases.lost).toEqual(["s2 llm llm-doomed"]);
  });

  it("is asked to move its sessions while the replica drains", async () => {
    const { rig, llm, leases } = await twoSessions();
    void llm.drain(1000);
    await rig.clock.advance(600);
    expect(leases.draining).toEqual(["s1 llm", "s2 llm"]);
    expect(leases.lost).toEqual([]);
  });
});
