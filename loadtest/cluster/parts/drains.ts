import type { Report } from "@troupe/report";
import { type DrainsResult, runDrains } from "../drains/run-drains.ts";
import { listOf, quantilesMs, tenths } from "../figures-file.ts";
import type { Part } from "../part.ts";

const sessions = 20;
const longestControl = 100;

export const drainsPart: Part = {
  name: "drains",
  description: "pods taken away by scale-down, new templates and cordons while sessions come, move and go; and without the drain logic",
  limitS: ({ drains }) => 300 + Math.ceil(drains * 1.5) + longestControl * 3,
  async run({ drains, seed, signal, step }) {
    const control = Math.min(drains, longestControl);
    const result = await runDrains({ drains, withoutWaiting: control, plainDeployment: control, sessions, seed, signal, step });
    const { operator, withoutWaiting, plainDeployment } = result;
    // Both controls must show cuts: the file has the weaker of them, the report both.
    const controlCut = Math.min(...[withoutWaiting, plainDeployment].map((phase) => phase?.figures.cut ?? 0));
    return {
      figures: { drains: { n: operator.figures.deletions, cut: operator.figures.cut, controlCut } },
      report: reportOf(result),
    };
  },
};

function reportOf(result: DrainsResult): Report {
  const phases = [result.operator, result.withoutWaiting, result.plainDeployment].filter((phase) => phase !== undefined);
  const { figures, driven } = result.operator;
  const callsPerDrain = figures.operatorCalls / Math.max(1, figures.deletions);
  return {
    title: "Drains: pods taken away under sessions",
    method: [
      "A real kube-apiserver with etcd, scheduler and controller-manager; nodes and kubelets are simulated by kwok. For every pod that is Ready, a process outside the operator runs the real stage runtime (announcements, open, leases, drain) with stages that do nothing, over a real nats-server. A gateway process with the code of gateways keeps 20 sessions of five stages, each for 15 s on average, opens new ones, and moves some at random. The operator is `node services/operator/main.ts`.",
      "The trace comes from the seed: every pool is scaled up and down and gets new templates on its own, most steps when the one before is done, some before; beside it nodes are cordoned and come back.",
      "The judge is a program of its own that reads two files: the API server's audit log (the first successful delete or eviction of each pod, and whose it was) and the gateway's session log (who stood where from when to when). Cut: a session was bound to a pod when its deletion was asked for. Lost with the pod: a binding that its session had not left when the pod was deleted. Lease missed: a binding that its session gave up while its pod was there, because three beats of 500 ms had no answer in time; that is the machine, which had no time for one of the two.",
      'Controls, on the same trace with the same load. "without-waiting": the same operator, but a process beside it deletes every victim as soon as it is named. "deployment": the same pods in plain Deployments, whose nodes are emptied as `kubectl drain` does. Simulated pods end at once when they are deleted, so what a process does on SIGTERM helps nobody here.',
      "Longest standstill: the longest that the processes of gateway or replicas could not run because the machine had no time for them (since their start).",
    ],
    tables: [
      {
        title: "Sessions",
        head: [
          "phase",
          "pods gone",
          "cut",
          "bindings lost with the pod",
          "leases missed",
          "sessions opened",
          "moves",
          "refused",
          "duration s",
          "longest standstill ms",
        ],
        rows: phases.map((phase) => [
          phase.name,
          phase.figures.deletions,
          phase.figures.cut,
          phase.figures.lost,
          phase.figures.missedLeases,
          phase.figures.opened,
          phase.figures.moved,
          listOf(phase.figures.refused),
          Math.round(phase.driven.durationMs / 1000),
          phase.stalledMs,
        ]),
      },
      {
        title: "What the trace did",
        head: ["phase", "scalings", "new templates", "cordons", "steps not done in time", "pods deleted by"],
        rows: phases.map(({ name, driven: { actions, stalled }, figures: { byUser } }) => [
          name,
          actions["scale"] ?? 0,
          actions["roll"] ?? 0,
          actions["cordon"] ?? 0,
          stalled.length,
          listOf(byUser),
        ]),
      },
      {
        title: "The operator's drains",
        head: ["what", "value"],
        rows: [
          ["pods that served sessions when they were named", figures.servedWhenNamed],
          ["from naming to deletion of those, p50 ms", quantilesMs(figures.drainMs).p50],
          ["the same, p99 ms", quantilesMs(figures.drainMs).p99],
          ["requests of the operator to the API server per drain, watches aside", tenths(callsPerDrain)],
          ["drains per second", tenths(figures.deletions / (driven.durationMs / 1000))],
        ],
      },
    ],
    aims: [
      { what: "sessions cut by drains", aim: "0", measured: String(figures.cut), met: figures.cut === 0 },
      { what: "bindings lost with their pod", aim: "0", measured: String(figures.lost), met: figures.lost === 0 },
      ...phases.slice(1).map(({ name, figures: { cut } }) => ({
        what: `control ${name}: sessions cut`,
        aim: "more than 0",
        measured: String(cut),
        met: cut > 0,
      })),
    ],
    raw: result,
  };
}
