import { create, fromBinary } from "@bufbuild/protobuf";
import { createMemoryBroker, infrastructureSubject } from "@troupe/bus";
import { type DemandReport, DemandReportSchema, type StageDemand, StartSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { OwnedSession, StageName } from "@troupe/stage";
import { createManualClock, type ManualClock, until } from "@troupe/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { idleGateway } from "../http/live.testing.ts";
import { createDemand } from "./demand.ts";

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

const of = (report: DemandReport | undefined, stage: StageName) => report?.stages.find((one: StageDemand) => one.stage === stage);

describe("the demand that a gateway reports", () => {
  function reporting(sessions: readonly Pick<OwnedSession, "binding">[] = []) {
    const { clock, bus, next } = listening("gateway-1");
    const demand = createDemand({ bus, clock }, { site: "local", gateway: "gateway-1" }, () => sessions as readonly OwnedSession[]);
    onTestFinished(() => demand[Symbol.dispose]());
    return { demand, next };
  }
  const refusal = (reason: "NO_CAPACITY" | "NO_REPLICA" | "DRAINING" | "AVATAR_UNKNOWN", stage?: StageName, retryAfterMs?: number) =>
    new ServiceError(reason, "refused", { metadata: stage ? { stage } : {}, ...(retryAfterMs ? { retryAfterMs } : {}) });

  it("comes each second, and names every stage", async () => {
    const reports = await reporting().next(3000);
    expect(reports.map(({ site, gateway, stages }) => [site, gateway, stages.length])).toEqual(
      new Array(3).fill(["local", "gateway-1", 5]),
    );
  });

  it("counts sessions at the stages that they are bound to", async () => {
    const bound = { binding: (stage: StageName) => (stage === "tts" ? undefined : { stage, replica: "a", boot: "", epoch: 1 }) };
    const [report] = await reporting([bound, bound]).next(1000);
    expect([of(report, "llm")?.active, of(report, "tts")?.active]).toEqual([2, 0]);
  });

  it("counts who was refused for a stage's sake, until they have tried again", async () => {
    const { demand, next } = reporting();
    await next(900);
    demand.refused(refusal("NO_CAPACITY", "tts"));
    demand.refused(refusal("NO_REPLICA", "tts", 3000));
    demand.refused(refusal("DRAINING", "llm"));
    const [first, second, third, fourth] = await next(4000);
    expect([first, second, third, fourth].map((report) => of(report, "tts")?.refused)).toEqual([2, 1, 1, 0]);
    expect(of(first, "llm")?.refused).toBe(1);
  });

  it("counts nobody whom no replica would help", async () => {
    const { demand, next } = reporting();
    demand.refused(refusal("NO_CAPACITY"));
    demand.refused(refusal("AVATAR_UNKNOWN", "llm"));
    const [report] = await next(1000);
    expect(report?.stages.map(({ refused }) => refused)).toEqual([0, 0, 0, 0, 0]);
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
