import type { Statement } from "../kube/index.ts";
import type { Plan, PlannedPool } from "../plan/index.ts";

/**
 * Whether a pipeline's sessions all have a place; of several reasons, that of the most sessions comes first. Conditions hold what
 * changes slowly: numbers of sessions are in the plan.
 */
export function pipelinePlaced(pipeline: string, { unplaced, routes }: Plan): Statement {
  const missing = unplaced.filter((one) => one.pipeline === pipeline).sort((a, b) => b.sessions - a.sessions);
  const [worst] = missing;
  if (!worst) {
    const asked = routes.some((route) => route.pipeline === pipeline && route.tier !== "headroom");
    const message = asked ? "all sessions have a place" : "nobody asks for sessions";
    return { type: "Placed", status: "True", reason: asked ? "Placed" : "NoDemand", message };
  }
  const reasons = new Set(
    missing.map(({ stage, origin, message }) => {
      const where = [stage, origin && `from ${origin}`].filter(Boolean).join(" ");
      return where ? `${where}: ${message}` : message;
    }),
  );
  const shown = [...reasons].slice(0, 4).join("; ");
  const more = reasons.size > 4 ? `; and ${reasons.size - 4} more reasons` : "";
  return { type: "Placed", status: "False", reason: worst.reason, message: `some sessions have no place: ${shown}${more}` };
}

/** Whether the plan has room for a pool, and why it is as it is. */
export function poolPlaced(pool: PlannedPool | undefined, name: string, { leaving }: Plan): Statement {
  const gone = leaving.filter((one) => one.pool === name);
  const [first] = gone;
  if (first)
    return { type: "Placed", status: "False", reason: first.reason, message: `${gone.length} replicas are given up: ${first.message}` };
  if (!pool) return { type: "Placed", status: "False", reason: "Retired", message: "no session is planned for it any more" };
  const message = pool.reason === "Placed" ? `the plan has room for up to ${pool.maxReplicas} replicas` : pool.message;
  return { type: "Placed", status: "True", reason: pool.reason, message };
}
