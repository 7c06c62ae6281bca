import { readFile } from "node:fs/promises";
import { ServiceError } from "@troupe/errors";
import type { Controller, WorkQueue } from "../kube/index.ts";
import { bestFit, createPlanner, type Planner, type PlanOptions } from "../plan/index.ts";
import type { LocalFleets } from "../sites/index.ts";
import { type Autoscaler, createAutoscalerController, triggerAutoscaler } from "./autoscaler.ts";
import { createFleetSource } from "./fleet-source.ts";
import type { PoolTemplates } from "./plan-input.ts";
import { createPlanStore, type PlanStore } from "./plan-store.ts";
import { createPlannerController, type PlannerDeps } from "./planner.ts";
import { triggerPlanner } from "./triggers.ts";

export interface PlanLoopsDeps extends Omit<PlannerDeps, "source" | "planner" | "store"> {
  readonly api: PlannerDeps["api"] & Parameters<typeof createAutoscalerController>[0]["api"];
  readonly fleets: Pick<LocalFleets, "all">;
  /** undefined: the usual planner. */
  readonly planner?: Planner;
}

export interface PlanLoopsOptions {
  /** Namespace of the pools. */
  readonly namespace: string;
  readonly templates: PoolTemplates;
}

/** A control loop, as the operator runs it. */
export interface PlanLoop {
  readonly controller: Controller;
  readonly trigger: (queue: WorkQueue) => () => void;
}

export interface PlanLoops {
  readonly loops: readonly PlanLoop[];
  /** For `troupe explain`. */
  readonly store: PlanStore;
  readonly autoscaler: Autoscaler;
}

/** How often demand, which changes without an event, is looked at. */
const planPeriodMs = 10_000;
const scalePeriodMs = 5000;
const usualOptions: PlanOptions = { headroomPercent: 25, maxMoves: 1, minSavingPercent: 20 };

/** The loops that decide what runs where, and how many. */
export function planLoops(deps: PlanLoopsDeps, { namespace, templates }: PlanLoopsOptions): PlanLoops {
  const store = createPlanStore();
  const source = createFleetSource(deps.fleets);
  const all = { ...deps, source, store, planner: deps.planner ?? createPlanner(bestFit) };
  const defaultPipeline = `${namespace}/default`;
  const planner = createPlannerController(all, { namespace, templates, defaultPipeline, periodMs: planPeriodMs, options: usualOptions });
  const autoscaler = createAutoscalerController(all, { namespace, defaultPipeline, periodMs: scalePeriodMs });
  return {
    store,
    autoscaler,
    loops: [
      { controller: planner, trigger: (queue) => triggerPlanner(all, queue) },
      { controller: autoscaler, trigger: (queue) => triggerAutoscaler(all, queue) },
    ],
  };
}

/**
 * Reads the templates of pools by stage, as the chart writes them; no path: none, so that no pool can be made.
 * @throws ServiceError INVALID_CONFIG
 */
export async function readPoolTemplates(path: string): Promise<PoolTemplates> {
  if (path === "") return {};
  try {
    return JSON.parse(await readFile(path, "utf8")) as PoolTemplates;
  } catch (cause) {
    throw new ServiceError("INVALID_CONFIG", `the pool templates ${path} can't be read`, { cause });
  }
}
