import { create, fromBinary } from "@bufbuild/protobuf";
import { createMemoryBroker, infrastructureSubject } from "@troupe/bus";
import { type DemandReport, DemandReportSchema, SessionContextSchema, type StageDemand, StartSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { OwnedSession, StageName } from "@troupe/stage";
import { createManualClock, type ManualClock, until } from "@troupe/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { idleGateway } from "../http/live.testing.ts";
import { createDemand } from "./demand.ts";
import { Seats } from "./seats.ts";

/** What a platform hears of a gateway's demand, on a clock that stands. */
function listening(gateway: string) {
  const clock = createManualClock();
  const bus = createMemoryBroker(() => clock.nowMs()).connect();
  const reports: DemandReport[] = [];
  const subscription = bus.subscribe(infrastructureSubject("local", "announce", gateway, "demand"), { limit: 64, overflow: "drop-oldest" });
  onTestFinished(() => subscription.close());
  void (async () => {
    for await (const { data } of subscription) reports.push(fromBinary(DemandReportSchema, data));
  })();
  const next = async (ms: number) => {
    reports.length = 0;
    await clock.advance(ms);
    return reports;
  };
  return { clock, bus, next };
}

const of = (report: DemandReport | undefined, stage: StageName | "", tenant = "demo", pipeline = "") =>
  report?.stages.find((one: StageDemand) => one.stage === stage && one.tenant === tenant && one.pipeline === pipeline);

describe("the demand that a gateway reports", () => {
  const demo = { tenant: "demo", pipeline: "" };
  function reporting(sessions: readonly Pick<OwnedSession, "binding" | "context">[] = []) {
    const { clock, bus, next } = listening("gateway-1");
    const seats = new Seats(() => demand.changed());
    const owned = () => sessions as readonly OwnedSession[];
    const demand = createDemand({ bus, clock, owned, seats }, { site: "local", gateway: "gateway-1" });
    onTestFinished(() => demand[Symbol.dispose]());
    return { demand, seats, next };
  }
  const refusal = (
    reason: "NO_CAPACITY" | "NO_REPLICA" | "DRAINING" | "AVATAR_UNKNOWN" | "LIMIT_REACHED",
    metadata: Record<string, string> = {},
    retryAfterMs?: number,
  ) => new ServiceError(reason, "refused", { metadata, ...(retryAfterMs ? { retryAfterMs } : {}) });
  const bound = (tenant: string, pipeline: string, without?: StageName) => ({
    context: create(SessionContextSchema, { tenant, pipeline }),
    binding: (stage: StageName) => (stage === without ? undefined : { stage, replica: "a", boot: "", epoch: 1 }),
  });

  it("comes each second", async () => {
    const reports = await reporting().next(3000);
    expect(reports.map(({ site, gateway, stages }) => [site, gateway, stages])).toEqual(new Array(3).fill(["local", "gateway-1", []]));
  });

  it("counts sessions at the stages that they are bound to, by tenant and pipeline", async () => {
    const sessions = [bound("acme", "a/talk"), bound("acme", "a/talk", "tts"), bound("acme", "a/other"), bound("globex", "a/talk")];
    const [report] = await reporting(sessions).next(1000);
    const active = (stage: StageName, tenant: string, pipeline: string) => of(report, stage, tenant, pipeline)?.active;
    expect([active("llm", "acme", "a/talk"), active("tts", "acme", "a/talk")]).toEqual([2, 1]);
    expect([active("llm", "acme", "a/other"), active("llm", "globex", "a/talk")]).toEqual([1, 1]);
  });

  it("tells at once who took a seat and who left it, before any stage is bound, and many changes together", async () => {
    const { seats, next } = reporting();
    await next(0);
    const told = async (ms: number) => (await next(ms)).map((report) => of(report, "", "acme", "a/talk")?.active);
    const seat = seats.take("acme", "a/talk");
    const first = await told(0);
    seats.take("acme", "a/talk");
    seats.take("acme", "a/talk");
    const others = await told(50);
    seat.leave();
    seat.leave();
    expect([first, others, await told(50)]).toEqual([[1], [3], [2]]);
  });

  it("counts who was refused for a stage's sake, until they have tried again", async () => {
    const { demand, next } = reporting();
    await next(900);
    demand.refused(refusal("NO_CAPACITY", { stage: "tts" }), demo);
    demand.refused(refusal("NO_REPLICA", { stage: "tts" }, 3000), demo);
    demand.refused(refusal("NO_REPLICA", { stage: "tts" }, 3000), { tenant: "acme", pipeline: "a/talk" });
    demand.refused(refusal("DRAINING", { stage: "llm" }), demo);
    const [first, second, third, fourth] = await next(4000);
    expect([first, second, third, fourth].map((report) => of(report, "tts")?.refused)).toEqual([2, 1, 1, undefined]);
    expect(of(first, "tts", "acme", "a/talk")?.refused).toBe(1);
    expect(of(first, "llm")?.refused).toBe(1);
  });

  it("counts who was refused for their tenant's limit at no stage", async () => {
    const { demand, next } = reporting();
    demand.refused(refusal("LIMIT_REACHED", { limit: "tenant_sessions" }, 5000), { tenant: "acme", pipeline: "a/talk" });
    const [report] = await next(1000);
    expect(report?.stages).toMatchObject([{ tenant: "acme", pipeline: "a/talk", stage: "", active: 0, refused: 1 }]);
  });

  it("counts nobody whom neither a replica nor a seat would help", async () => {
    const { demand, next } = reporting();
    demand.refused(refusal("NO_CAPACITY"), demo);
    demand.refused(refusal("AVATAR_UNKNOWN", { stage: "llm" }), demo);
    demand.refused(refusal("LIMIT_REACHED", { limit: "max_sessions" }), demo);
    const [report] = await next(1000);
    expect(report?.stages).toEqual([]);
  });

  it("fits into one message, however many tenants there are, and loses none of their sessions", async () => {
    const { seats, next } = reporting();
    const pipeline = `${"n".repeat(63)}/${"p".repeat(253)}`;
    for (let tenant = 0; tenant < 1000; tenant++) seats.take(`${"t".repeat(60)}${tenant}`, pipeline);
    const report = (await next(1000)).at(-1);
    expect(report?.stages.reduce((sum, { active }) => sum + active, 0)).toBe(1000);
    expect(of(report, "", "", pipeline)?.active).toBe(700);
  });
});

/** The gateway reads files on the way, and then waits for replicas on its clock. */
async function refusedBy(clock: ManualClock, opened: Promise<unknown>): Promise<void> {
  let over = false;
  opened.catch(() => {
    over = true;
  });
  await until("the session is refused", () => {
    void clock.advance(0);
    return over;
  });
}

describe("a gateway", () => {
  it("reports the sessions that it had to refuse", async () => {
    const { clock, bus, next } = listening("test");
    const gateway = idleGateway(clock, bus);
    await next(500);
    const limits = { maxSessions: 9, maxSessionSeconds: 9, minutesPerDay: 9, maxTextLength: 9 };
    const opened = gateway.open(create(StartSchema, { tenant: "demo" }), { tenant: "demo", key: "a", limits, motionOnly: false });
    const refused = expect(opened).rejects.toMatchObject({ reason: "NO_REPLICA", metadata: { stage: "compositor" } });
    await refusedBy(clock, opened);
    await refused;
    const [report] = await next(600);
    expect(of(report, "compositor")?.refused).toBe(1);
  });
});
