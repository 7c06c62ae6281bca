import { randomBytes } from "node:crypto";
import type { Bus } from "@troupe/bus";
import { createAcceleratorClassController, triggerAcceleratorClasses } from "./accelerator-class/index.ts";
import { type AvatarCatalogue, createAvatarController, triggerAvatars } from "./avatar/index.ts";
import { serveExplanations } from "./explain/index.ts";
import type { Informers } from "./informers.ts";
import {
  type Controller,
  type ControllerDeps,
  createExpectations,
  createQueue,
  type KubeApi,
  type QueueOptions,
  runController,
  type WorkQueue,
} from "./kube/index.ts";
import { createModelController, type KeptProfiles, type ModelCatalogue, triggerModels } from "./model/index.ts";
import { createPipelineController, triggerPipelines } from "./pipeline/index.ts";
import { type PlanLoopsOptions, planLoops } from "./planner/index.ts";
import { createSiteController, type SiteReports, triggerSites } from "./site/index.ts";
import type { LocalFleets } from "./sites/index.ts";
import { createStagePoolController, triggerPools } from "./stage-pool/index.ts";
import { createTenantController, triggerTenants } from "./tenant/index.ts";

/** What the controllers share, over all terms. */
export interface Operations extends ControllerDeps {
  readonly bus: Bus;
  readonly informers: Informers;
  readonly fleets: LocalFleets;
  readonly siteReports: SiteReports;
  readonly models: ModelCatalogue;
  /** What replicas have measured. */
  readonly kept: KeptProfiles;
  readonly avatars: AvatarCatalogue;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
  readonly drainTaints: readonly string[];
  /** How it plans; undefined: it plans nothing, and people write the pools. */
  readonly planning?: PlanLoopsOptions & { readonly role: "hub" | "site" | "both"; readonly site: string };
}

export interface Loop {
  readonly controller: Controller;
  /** What wakes it; returns what ends that. */
  readonly trigger: (queue: WorkQueue) => () => void;
  /** What runs as long as it does. */
  readonly beside?: () => { close(): void };
  readonly queue?: QueueOptions;
}

/** Runs control loops for one term; resolves when the last reconcile has ended after its end. */
export async function runLoops(operations: Operations, loops: readonly Loop[], signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([operations.informers.synced, aborted]);
  if (signal.aborted) return;
  await Promise.all(loops.map((loop) => runLoop(operations, loop, signal)));
}

async function runLoop(operations: Operations, { controller, trigger, beside, queue: options }: Loop, signal: AbortSignal): Promise<void> {
  using queue = createQueue(operations, options);
  const end = trigger(queue);
  const running = beside?.();
  await runController(operations, controller, queue, signal);
  running?.close();
  end();
}

/** Every control loop of the operator. @param api of the term */
export function loopsOf(operations: Operations, api: KubeApi): readonly Loop[] {
  const { informers, fleets, kept, siteReports: reports, models: catalogue, avatars: assets, utcNowMs } = operations;
  const deps = { ...informers, api, fleets, kept, utcNowMs, reports, catalogue, assets };
  return [
    ...planningLoops(operations, api),
    stagePoolLoop(operations, api),
    { controller: createAcceleratorClassController(deps), trigger: (queue) => triggerAcceleratorClasses(deps, queue) },
    { controller: createSiteController(deps), trigger: (queue) => triggerSites(deps, queue) },
    { controller: createModelController(deps), trigger: (queue) => triggerModels(deps, queue) },
    { controller: createPipelineController(deps), trigger: (queue) => triggerPipelines(deps, queue) },
    { controller: createAvatarController(deps), trigger: (queue) => triggerAvatars(deps, queue) },
    {
      controller: createTenantController(deps),
      trigger: (queue) => triggerTenants(deps, queue),
      queue: { rate: { perSecond: 500, burst: 500 } },
    },
  ];
}

/** Planning, scaling, and telling why. */
function planningLoops(operations: Operations, api: KubeApi): readonly Loop[] {
  const { planning, informers, fleets, clock, logger, utcNowMs } = operations;
  if (!planning) return [];
  const plans = planLoops({ ...informers, api, fleets, clock, logger, utcNowMs }, planning);
  const explaining = () => serveExplanations({ bus: operations.bus, informers, plans }, planning);
  const [planner, ...others] = plans.loops;
  // A site scales what the hub has planned for it.
  const loops: readonly Loop[] = planning.role === "site" || !planner ? others : [planner, ...others];
  return loops.map((loop, index) => (index === 0 ? { ...loop, beside: explaining } : loop));
}

function stagePoolLoop(operations: Operations, api: KubeApi): Loop {
  const { informers, fleets, clock, logger, utcNowMs, drainTaints } = operations;
  // What the last term expected, its informers have shown by now or never will.
  const expectations = createExpectations({ clock });
  const suffix = () => randomBytes(4).toString("hex").slice(0, 5);
  const deps = { ...informers, api, fleets, expectations, logger, utcNowMs, suffix };
  return {
    controller: createStagePoolController(deps, { drainTaints }),
    trigger: (queue) => triggerPools({ ...informers, fleets, expectations }, queue),
  };
}
