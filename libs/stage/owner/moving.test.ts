import { type FaultPlan, faultyBus, until } from "@troupe/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { echoOf, echoStage, Turnstile } from "../testing/echo-stage.ts";
import { openSession, startPlatform } from "../testing/platform.ts";
import { grants, memoryRig, PromptingOwner, site } from "../testing/rig.ts";
import { keepLeases } from "./leases.ts";

type Fate = ReturnType<FaultPlan["fate"]>;

/** A session on two replicas of llm, which both wait at one turnstile, and who of them began which response. */
async function movableSession(fates: readonly Fate[] = []) {
  const rig = memoryRig();
  const turnstile = new Turnstile();
  const begun = new Map<number, string[]>();
  const prompts = { lost: false };
  const plan: FaultPlan = {
    applies: (subject) => subject.startsWith("troupe.v1.local.acme."),
    fate: (subject, index) => (prompts.lost && subject.endsWith(".prompt") ? "lose" : (fates[index] ?? "deliver")),
  };
  const start = (replica: string, maxSessions: number) => ({
    stage: echoStage({ pace: turnstile.pass, onRespond: (number) => begun.set(number, [...(begun.get(number) ?? []), replica]) }),
    options: { maxSessions },
    bus: faultyBus(rig.broker.connect(), plan),
    controlBus: rig.broker.connect(),
  });
  const [startA, startB] = [start("a", 65), start("b", 64)];
  const { a, b } = await startPlatform(rig, { a: startA, b: startB });
  const bus = faultyBus(rig.bus, plan);
  const session = await openSession(rig, "s1", { bus });
  const owner = new PromptingOwner(bus, session.context, rig.clock, session.state);
  const lines = new Map<number, string>();
  const respond = (count: number): Promise<void> => {
    const number = session.state.nextResponse();
    lines.set(number, `${count} word${number}`);
    return session.settled().then(() => owner.prompt(number, lines.get(number) ?? ""));
  };
  return { rig, a, b, controlOfB: startB.controlBus, session, owner, prompts, turnstile, begun, lines, respond };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

type Step =
  | { readonly kind: "respond"; readonly count: number }
  | { readonly kind: "let-one"; readonly pick: number }
  | { readonly kind: "move" | "turn" };

const repeat = <T>(count: number, step: T): T[] => Array.from({ length: count }, () => step);

/** Responses and twenty moves, in any order, with work going on between them. */
function journeys(responses: number): fc.Arbitrary<Step[]> {
  const respond = fc.record({ kind: fc.constant("respond" as const), count: fc.nat({ max: 4 }) });
  const letOne = fc.record({ kind: fc.constant("let-one" as const), pick: fc.nat({ max: 30 }) });
  const others: Step[] = [...repeat<Step>(20, { kind: "move" }), ...repeat<Step>(20, { kind: "turn" })];
  return fc
    .tuple(fc.array(respond, { minLength: responses, maxLength: responses }), fc.array(letOne, { minLength: 30, maxLength: 30 }))
    .chain(([responds, lets]) => {
      const steps = [...responds, ...lets, ...others];
      return fc.shuffledSubarray(steps, { minLength: steps.length });
    });
}

async function travel(steps: readonly Step[], fates: readonly Fate[]): Promise<void> {
  const { rig, a, b, session, owner, turnstile, begun, lines, respond } = await movableSession(fates);
  using _ = keepLeases(
    { bus: rig.bus, site, grants, registry: rig.registry, owner: session.context.owner, clock: rig.clock },
    new Map([[session, true]]),
    { onLost: () => expect.unreachable("nothing is lost"), onDraining: () => undefined },
  );
  const reported = new Set<number>();
  const report = () => {
    for (const number of lines.keys()) {
      if (owner.outcome(number) !== "ok" || reported.has(number)) continue;
      reported.add(number);
      session.finished("response", number);
    }
  };
  let moving: Promise<unknown> = Promise.resolve();
  const prompted: Promise<void>[] = [];
  for (const step of steps) {
    if (step.kind === "respond") prompted.push(respond(step.count));
    else if (step.kind === "let-one") turnstile.letOne(step.pick);
    else if (step.kind === "move") moving = moving.then(() => session.move("llm"));
    else await turn();
    report();
  }
  await moving;
  await Promise.all(prompted);
  turnstile.openWide();
  await rig.clock.advance(1000);
  for (const number of lines.keys()) owner.expect(number);
  await until(
    "every response is answered",
    () => reported.size === lines.size,
    async () => {
      await rig.clock.advance(100);
      owner.tick();
      report();
    },
  );
  expect(session.state.epoch).toBe(5 + 1 + 20);
  expect([...begun.values()].map((replicas) => replicas.length)).toEqual(repeat(lines.size, 1));
  for (const [number, line] of lines) expect(owner.answers.get(number)?.bodies).toEqual(echoOf(line));
  await until("the old bindings are closed", () => a.sessions + b.sessions === 1);
  expect(session.bindings()).toHaveLength(5);
  await session.close();
}

describe("moving a stage", () => {
  it("loses and doubles nothing: each response is answered once, by one replica, wherever the moves fall", async () => {
    await fc.assert(
      fc.asyncProperty(journeys(12), (steps) => travel(steps, [])),
      { numRuns: 30 },
    );
  });

  it("loses and doubles nothing where the bus does", async () => {
    const fates = fc.array(fc.constantFrom<Fate[]>("deliver", "lose", "duplicate", "delay"), { maxLength: 60 });
    await fc.assert(fc.asyncProperty(journeys(8), fates, travel), { numRuns: 25 });
  });

  it("lets the old binding go at once when nothing is under way", async () => {
    const { a, b, session } = await movableSession();
    expect(await session.move("llm")).toMatchObject({ replica: "b" });
    await until("the old binding is closed", () => a.sessions === 0);
    expect(b.sessions).toBe(1);
  });

  it("keeps the old binding until its last response is over, whichever is over first", async () => {
    const { a, session, owner, turnstile, begun, respond } = await movableSession();
    for (const count of [1, 1, 1]) await respond(count);
    await session.move("llm");
    await respond(1);
    session.finished("response", 3);
    session.finished("response", 1);
    expect(session.bindings().map(({ replica }) => replica)).toContain("a");
    turnstile.openWide();
    await until("they are answered", () => [1, 2, 3, 4].every((number) => owner.outcome(number) === "ok"));
    expect([...begun.values()]).toEqual([["a"], ["a"], ["a"], ["b"]]);
    session.finished("response", 2);
    await until("the old binding is closed", () => a.sessions === 0);
  });

  it("asks for a prompt that was lost on the way to the new replica", async () => {
    const { rig, session, owner, prompts, turnstile, begun } = await movableSession();
    turnstile.openWide();
    await session.move("llm");
    const number = session.state.nextResponse();
    prompts.lost = true;
    owner.prompt(number, "2 late");
    prompts.lost = false;
    await turn();
    expect(begun.size).toBe(0);
    await rig.clock.advance(600);
    await until("it is answered", () => owner.outcome(number) === "ok");
    expect(begun.get(number)).toEqual(["b"]);
  });

  it("stays where it is when there is no other replica", async () => {
    const { b, a, session, owner, turnstile, respond } = await movableSession();
    await b.drain(0);
    await expect(session.move("llm")).rejects.toMatchObject({ reason: "NO_REPLICA" });
    turnstile.openWide();
    await respond(2);
    await until("it is answered", () => owner.outcome(1) === "ok");
    expect(a.sessions).toBe(1);
  });

  it("gives way to a replacement, and to the end of the session", async () => {
    const replaced = await movableSession();
    const moving = replaced.session.move("llm");
    const binding = await replaced.session.replace("llm", { case: undefined });
    await expect(moving).rejects.toMatchObject({ reason: "STAGE_LOST" });
    expect(replaced.session.binding("llm")).toEqual(binding);
    await until("one seat is left", () => replaced.a.sessions + replaced.b.sessions === 1);

    const closed = await movableSession();
    const late = closed.session.move("llm");
    await closed.session.close();
    await expect(late).rejects.toMatchObject({ reason: "STAGE_LOST" });
    expect(closed.a.sessions + closed.b.sessions).toBe(0);
  });
});

describe("replacing a stage", () => {
  it("does not hear a replica that was given up but still runs", async () => {
    const { a, b, controlOfB, session, owner, turnstile, begun, respond } = await movableSession();
    await session.move("llm");
    await respond(3);
    await until(
      "it begins",
      () => owner.answers.get(1)?.bodies.length === 1,
      () => turnstile.letOne(0),
    );
    await controlOfB.drain();
    expect(await session.replace("llm", { case: undefined }, true)).toMatchObject({ replica: "a" });
    owner.tick();
    await until("the first response has failed", () => owner.outcome(1) === "STAGE_LOST");
    turnstile.openWide();
    await respond(3);
    await until("the second response is answered", () => owner.outcome(2) === "ok");
    expect(begun.get(2)?.sort()).toEqual(["a", "b"]);
    expect(owner.epochs.get(2)).toBe(session.binding("llm")?.epoch);
    expect([a.sessions, b.sessions]).toEqual([1, 1]);
  });

  it("serves what was begun while it could not be opened", async () => {
    const { rig, a, session, owner, turnstile } = await movableSession();
    turnstile.openWide();
    const outage = rig.broker.interrupt();
    await expect(session.replace("llm", { case: undefined })).rejects.toMatchObject({ reason: "BUS_DISCONNECTED" });
    await a[Symbol.asyncDispose]();
    const number = session.state.nextResponse();
    owner.prompt(number, "2 meanwhile");
    outage.restore();
    await session.replace("llm", { case: undefined });
    await rig.clock.advance(600);
    await until("it is answered", () => owner.outcome(number) === "ok");
    expect(owner.epochs.get(number)).toBe(session.binding("llm")?.epoch);
  });

  it("keeps what it has when there is no other replica", async () => {
    const { a, b, session, owner, turnstile, respond } = await movableSession();
    await b.drain(0);
    const before = session.binding("llm");
    await expect(session.replace("llm", { case: undefined }, true)).rejects.toMatchObject({ reason: "NO_REPLICA" });
    expect(session.binding("llm")).toBe(before);
    turnstile.openWide();
    await respond(2);
    await until("it is answered", () => owner.outcome(1) === "ok");
    expect([a.sessions, b.sessions]).toEqual([1, 0]);
  });

  it("lets go of bindings that were only to finish, since what they write is void", async () => {
    const { a, b, session, respond } = await movableSession();
    await respond(1);
    await session.move("llm");
    expect([a.sessions, b.sessions]).toEqual([1, 1]);
    await session.replace("llm", { case: undefined }, true);
    await until("both old bindings are closed", () => a.sessions + b.sessions === 1);
    expect(session.bindings()).toHaveLength(5);
  });

  it("leaves the later of two that overlap", async () => {
    const { a, b, session } = await movableSession();
    const results = await Promise.allSettled([session.replace("llm", { case: undefined }), session.replace("llm", { case: undefined })]);
    const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    expect(opened).toEqual([session.binding("llm")]);
    expect(session.binding("llm")?.epoch).toBeGreaterThanOrEqual(session.state.view.fence("llm"));
    await until("one seat is left", () => a.sessions + b.sessions === 1);
  });
});
