import type { Report } from "@troupe/report";
import { residentMibOf } from "../../live/platform/process-facts.ts";
import { readAuditLog } from "../checker/audit-log.ts";
import { quantilesMs, tenths } from "../figures-file.ts";
import type { Part, PartContext } from "../part.ts";
import { changedKinds } from "../reconcile/changes.ts";
import { classNames, counts, fillCluster, poolNames } from "../reconcile/fixture.ts";
import { type MeasuredChange, measureChanges } from "../reconcile/measure-changes.ts";
import { measureTenants, type TenantsMeasured } from "../reconcile/measure-tenants.ts";
import { operatorUser, startCluster } from "../rig/cluster.ts";
import { type Observed, observe } from "../rig/observer.ts";
import { need } from "../rig/until.ts";

const changeCount = 600;
const tenantCount = 10_000;
const idleMs = 30_000;

interface Measured {
  readonly nodes: number;
  readonly changes: readonly MeasuredChange[];
  readonly tenants: TenantsMeasured;
  readonly callsPerMinute: { readonly idle: number; readonly changing: number };
  /** Of the operator, MiB resident. */
  readonly residentMib: { readonly filled: number; readonly changed: number; readonly manyTenants: number };
  readonly changingMs: number;
}

export const reconcilePart: Part = {
  name: "reconcile",
  description:
    "from a changed spec to the status that has seen it, by an observer outside; calls and memory of the operator; 10,000 tenants",
  limitS: ({ nodes }) => 900 + nodes,
  async run(context) {
    const measured = await measure(context);
    const { p50, p99 } = quantilesMs(measured.changes.map(({ observedMs }) => observedMs));
    return { figures: { reconcileMs: { p50, p99, nodes: measured.nodes } }, report: reportOf(measured) };
  },
};

async function measure({ nodes, seed, signal, step }: PartContext): Promise<Measured> {
  await using cluster = await startCluster({ nodes: 0, signal, step });
  const { control } = cluster;
  await fillCluster(cluster, nodes, signal);
  step(`${nodes} nodes, ${counts.sites} sites, ${classNames.length} classes, ${counts.tenants} tenants, ${poolNames.length} pools stand`);
  await using _ = await cluster.startReplicas("replicas", { maxSessions: 8 });
  const operator = await cluster.startOperator();
  using pools = await observe<Observed & { readonly status?: { readonly admittingReplicas?: number } }>(
    control,
    "/apis/troupe.dev/v1alpha1/stagepools",
    signal,
  );
  const admitting = () => pools.list().filter(({ status }) => (status?.admittingReplicas ?? 0) >= counts.replicasPerPool).length;
  const ready = () => {
    operator.throwIfEnded();
    return admitting() === poolNames.length;
  };
  await need("every pool admits", ready, { signal, timeoutMs: 300_000, pollMs: 500 });
  const filled = residentMibOf(operator.pid);
  step(`every pool admits; the operator has ${filled.toFixed(0)} MiB; ${idleMs / 1000} s of rest`);
  const calls = callCounter(control.auditLog);
  const [, idle] = await calls(() => new Promise((resolve) => setTimeout(resolve, idleMs)));
  const startMs = performance.now();
  const [changes, changing] = await calls(() =>
    measureChanges({ control, count: changeCount, seed, signal, tell: (done) => step(`${done} of ${changeCount} changes`) }),
  );
  const changingMs = performance.now() - startMs;
  operator.throwIfEnded();
  const changed = residentMibOf(operator.pid);
  step(`${tenantCount} tenants`);
  const tenants = await measureTenants(control, tenantCount, signal);
  const manyTenants = residentMibOf(operator.pid);
  const total = (await control.api.request<{ items: unknown[] }>({ path: "/api/v1/nodes?limit=100000" }, signal)).items.length;
  return {
    nodes: total,
    changes,
    tenants,
    callsPerMinute: { idle, changing },
    residentMib: { filled, changed, manyTenants },
    changingMs,
  };
}

/** Counts the operator's answered requests while something happens, per minute, watches and leases aside. */
function callCounter(auditLog: string) {
  return async <T>(happens: () => Promise<T>): Promise<readonly [T, number]> => {
    const fromMs = Date.now();
    const result = await happens();
    const toMs = Date.now();
    let calls = 0;
    for await (const { user, verb, utcMs } of readAuditLog(auditLog))
      if (user === operatorUser && verb !== "watch" && utcMs >= fromMs && utcMs <= toMs) calls++;
    return [result, (calls * 60_000) / (toMs - fromMs)];
  };
}

function reportOf(measured: Measured): Report {
  const { changes, tenants, callsPerMinute, residentMib, changingMs } = measured;
  const all = quantilesMs(changes.map(({ observedMs }) => observedMs));
  const row = (name: string, ones: readonly MeasuredChange[]) => {
    const seen = quantilesMs(ones.map(({ seenMs }) => seenMs));
    const observed = quantilesMs(ones.map(({ observedMs }) => observedMs));
    return [name, ones.length, seen.p50, seen.p99, observed.p50, observed.p99];
  };
  return {
    title: "Reconciling: from a changed spec to a status that has seen it",
    method: [
      `A real kube-apiserver with etcd, scheduler and controller-manager; ${measured.nodes} nodes simulated by kwok, ${counts.sites} sites, ${classNames.length} accelerator classes, ${counts.tenants} tenants with a namespace each, ${poolNames.length} pools (one for each class at each site) of ${counts.replicasPerPool} pods. The operator is \`node services/operator/main.ts\`; a process outside it runs the real stage runtime for every pod.`,
      `${changes.length} changes at random by the seed, at most four at a time, one about every ${Math.round(changingMs / changes.length)} ms: half of them at pools (every other one of scale, which makes or takes away a pod), the rest at tenants, sites and classes. An observer with a connection of its own watches the kinds. "Seen": from sending the write to its own event there, which is the API server alone; "observed": to the first event whose status.observedGeneration is not below the object's generation.`,
      "Calls: answered requests of the operator in the audit log, without watches and leases. Memory: resident set of the operator's process.",
    ],
    tables: [
      {
        title: "Milliseconds by kind",
        head: ["kind", "changes", "seen p50", "seen p99", "observed p50", "observed p99"],
        rows: [
          ...changedKinds.map(({ kind }) =>
            row(
              kind,
              changes.filter((one) => one.kind === kind),
            ),
          ),
          row("all", changes),
        ],
      },
      {
        title: "The operator",
        head: ["what", "value"],
        rows: [
          ["calls per minute at rest", tenths(callsPerMinute.idle)],
          ["calls per minute while changes come", tenths(callsPerMinute.changing)],
          ["calls per change", tenths((callsPerMinute.changing * changingMs) / 60_000 / changes.length)],
          ["MiB, everything stands", Math.round(residentMib.filled)],
          ["MiB, after the changes", Math.round(residentMib.changed)],
          [`MiB, with ${tenants.count} more tenants`, Math.round(residentMib.manyTenants)],
          [`s to create ${tenants.count} tenants, 16 at a time`, tenths(tenants.createdMs / 1000)],
          ["s from the first write until the last is Accepted", tenths(tenants.acceptedMs / 1000)],
        ],
      },
    ],
    aims: [],
    raw: { ...measured, all },
  };
}
