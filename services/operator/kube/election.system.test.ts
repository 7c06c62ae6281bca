import { ServiceError } from "@troupe/errors";
import { type Clock, systemClock } from "@troupe/timeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ElectionOptions, runElection, type Term } from "./election.ts";
import { builtInKinds } from "./kind.ts";
import type { KubeApi } from "./kube-api.ts";
import { createKubeApi } from "./kube-client.ts";
import { apiOverProxy, quiet, startTestCluster, type TestCluster } from "./testing/cluster.ts";

// Budget: 40 s, of which the control plane's start is 8 s. A lease a test.
const { configMaps, leases } = builtInKinds;
const namespace = "default";
const times = { durationMs: 3000, renewDeadlineMs: 2000, retryMs: 300 } as const;
let cluster: TestCluster;
let api: KubeApi & AsyncDisposable;
let count = 0;

beforeAll(async () => {
  cluster = await startTestCluster();
  api = await createKubeApi({ kubeconfig: cluster.kubeconfig });
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await cluster?.close();
});

const freshLease = () => ({ lease: `lease-${++count}`, namespace, ...times });

/** A clock that can be wrong, and jump without its timers noticing: a machine that slept. */
function wrongClock(offsetMs = 0): Clock & { jump(ms: number): void } {
  let skewMs = offsetMs;
  return {
    nowMs: () => systemClock.nowMs() + skewMs,
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs, callback),
    sleep: (delayMs, signal) => systemClock.sleep(delayMs, signal),
    jump(ms) {
      skewMs += ms;
    },
  };
}

interface Reign {
  readonly identity: string;
  readonly startMs: number;
  endMs?: number;
  endReason?: string;
}

interface CandidateOptions {
  readonly source?: KubeApi;
  readonly clock?: Clock;
  readonly utcNowMs?: () => number;
}

/** A process that campaigns until it is told to stop; `reigns` is what all of them did, by the test's own clock. */
function campaign(identity: string, options: Omit<ElectionOptions, "identity">, reigns: Reign[], extra: CandidateOptions = {}) {
  const stop = new AbortController();
  const leading: { waiting: PromiseWithResolvers<Term> } = { waiting: Promise.withResolvers<Term>() };
  const lead = async (term: Term) => {
    const reign: Reign = { identity, startMs: systemClock.nowMs() };
    reigns.push(reign);
    leading.waiting.resolve(term);
    await new Promise<void>((resolve) => {
      if (term.signal.aborted) resolve();
      term.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    reign.endMs = systemClock.nowMs();
    reign.endReason = ServiceError.from(term.signal.reason).reason;
    leading.waiting = Promise.withResolvers<Term>();
  };
  const deps = { api: extra.source ?? api, clock: extra.clock ?? systemClock, utcNowMs: extra.utcNowMs ?? Date.now, logger: quiet };
  const ended = runElection(deps, { ...options, identity }, lead, stop.signal);
  return {
    /** The term that runs or comes next. */
    leads: () => leading.waiting.promise,
    async stop() {
      stop.abort(new ServiceError("CANCELLED", "the process ends"));
      await ended;
    },
  };
}

function expectNoTwoAtATime(reigns: readonly Reign[]): void {
  const byStart = [...reigns].sort((one, other) => one.startMs - other.startMs);
  for (const [index, reign] of byStart.slice(1).entries()) {
    expect(
      byStart[index]?.endMs ?? Number.POSITIVE_INFINITY,
      `${reign.identity} began before ${byStart[index]?.identity} had ended`,
    ).toBeLessThan(reign.startMs);
  }
}

const readHolder = async (name: string) => (await api.get(leases, { name, namespace })).spec?.holderIdentity;

describe("leader election", () => {
  it("hands over at once when the holder gives the lease back", async () => {
    const lease = freshLease();
    const reigns: Reign[] = [];
    const first = campaign("first", lease, reigns);
    await first.leads();
    const second = campaign("second", lease, reigns);
    await first.stop();
    const stoppedMs = systemClock.nowMs();
    await second.leads();
    expect((reigns[1]?.startMs ?? 0) - stoppedMs).toBeLessThan(lease.durationMs / 2);
    expect(await readHolder(lease.lease)).toBe("second");
    await second.stop();
    expectNoTwoAtATime(reigns);
    expect(await readHolder(lease.lease)).toBeFalsy();
    const { spec } = await api.get(leases, { name: lease.lease, namespace });
    expect(spec?.leaseTransitions).toBe(1);
  });

  it("stops the holder that is cut off before another begins, and refuses its writes", async () => {
    const lease = freshLease();
    const reigns: Reign[] = [];
    await using link = await apiOverProxy(cluster);
    const cut = campaign("cut", lease, reigns, { source: link.api });
    const term = await cut.leads();
    const other = campaign("other", lease, reigns);
    link.proxy.setDown(true);
    await other.leads();
    expect(reigns[0]).toMatchObject({ identity: "cut", endReason: "LEADERSHIP_LOST" });
    const write = term.api.apply(configMaps, { metadata: { name: "late", namespace } }, "test");
    await expect(write).rejects.toMatchObject({ reason: "LEADERSHIP_LOST" });
    await expect(api.get(configMaps, { name: "late", namespace })).rejects.toMatchObject({ reason: "OBJECT_UNKNOWN" });
    link.proxy.setDown(false);
    link.proxy.cut();
    await cut.stop();
    await other.stop();
    expectNoTwoAtATime(reigns);
  });

  it("ends a write that is under way when the lease is lost", async () => {
    const lease = freshLease();
    await using link = await apiOverProxy(cluster);
    const only = campaign("only", lease, [], { source: link.api });
    const term = await only.leads();
    link.proxy.setDown(true);
    await expect(term.api.apply(configMaps, { metadata: { name: "hangs", namespace } }, "test")).rejects.toMatchObject({
      reason: "LEADERSHIP_LOST",
    });
    link.proxy.setDown(false);
    link.proxy.cut();
    await only.stop();
  });

  it("refuses the writes of a process that slept past its term and has not noticed", async () => {
    const lease = freshLease();
    const clock = wrongClock();
    const sleeper = campaign("sleeper", lease, [], { clock });
    const term = await sleeper.leads();
    await term.api.apply(configMaps, { metadata: { name: "awake", namespace } }, "test");
    clock.jump(lease.renewDeadlineMs + 1);
    expect(term.signal.aborted).toBe(false);
    await expect(term.api.apply(configMaps, { metadata: { name: "asleep", namespace } }, "test")).rejects.toMatchObject({
      reason: "LEADERSHIP_LOST",
    });
    await sleeper.stop();
  });

  it("doesn't take a lease that is renewed, however wrong the clocks are", async () => {
    const lease = freshLease();
    const reigns: Reign[] = [];
    const hourMs = 3_600_000;
    const behind = campaign("behind", lease, reigns, { clock: wrongClock(-hourMs), utcNowMs: () => Date.now() - hourMs });
    await behind.leads();
    const ahead = campaign("ahead", lease, reigns, { clock: wrongClock(hourMs), utcNowMs: () => Date.now() + hourMs });
    const resourceVersion = async () => (await api.get(leases, { name: lease.lease, namespace })).metadata.resourceVersion ?? "";
    const deadlineMs = systemClock.nowMs() + lease.durationMs * 1.5;
    for await (const event of api.watch(leases, {
      namespace,
      fieldSelector: `metadata.name=${lease.lease}`,
      resourceVersion: await resourceVersion(),
      timeoutSeconds: 20,
      idleMs: 5000,
      signal: new AbortController().signal,
    })) {
      if (event.type === "MODIFIED") expect(event.object.spec?.holderIdentity).toBe("behind");
      if (systemClock.nowMs() > deadlineMs) break;
    }
    expect(reigns.map((reign) => reign.identity)).toEqual(["behind"]);
    await behind.stop();
    await ahead.leads();
    await ahead.stop();
    expectNoTwoAtATime(reigns);
  });

  it("keeps the lease through a restart of the API server that is shorter than the term, and takes it again after a longer one", async () => {
    const lease = { ...freshLease(), durationMs: 12_000, renewDeadlineMs: 9000 };
    const reigns: Reign[] = [];
    const only = campaign("only", lease, reigns);
    const term = await only.leads();
    await cluster.restartApiServer();
    expect(term.signal.aborted).toBe(false);
    await only.stop();
    expect(reigns).toHaveLength(1);
    const short = { ...freshLease(), durationMs: 1500, renewDeadlineMs: 800, retryMs: 200 };
    const again = campaign("again", short, reigns);
    const first = await again.leads();
    const lost = new Promise((resolve) => first.signal.addEventListener("abort", resolve, { once: true }));
    await cluster.stopApiServer();
    await lost;
    const next = again.leads();
    await cluster.startApiServer();
    await next;
    await again.stop();
    expect(reigns.map(({ endReason }) => endReason)).toEqual(["CANCELLED", "LEADERSHIP_LOST", "CANCELLED"]);
    expectNoTwoAtATime(reigns);
  });
});
