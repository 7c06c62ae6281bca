import { toBinary } from "@bufbuild/protobuf";
import type { KeyValueStore } from "@troupe/bus";
import { type SitePlan, SitePlanSchema, type StageDemand } from "@troupe/contracts";
import type { AcceleratorClass, Model, Site, StagePool } from "@troupe/kinds";
import type { Logger } from "@troupe/stage";
import { isSelected } from "../../inventory/index.ts";
import type { Controller, Decision, Informer, KubeApi, Node, WorkQueue } from "../../kube/index.ts";
import type { AllotmentStore } from "../allotment/allotment-store.ts";
import { putValue } from "../buckets.ts";
import { readPlan, sameContent } from "../site-plan.ts";
import type { HubLink } from "./hub-link.ts";
import { judgePlan } from "./judge-plan.ts";
import { createPlannedObjects, isPlanned } from "./planned-objects.ts";
import { siteReport } from "./site-report.ts";

export interface PlanFollowerDeps {
  readonly api: Pick<KubeApi, "apply" | "delete">;
  readonly classes: Informer<AcceleratorClass>;
  readonly models: Informer<Model>;
  readonly pools: Informer<StagePool>;
  readonly nodes: Informer<Node>;
  readonly sites: Informer<Site>;
  readonly link: Pick<HubLink, "offered" | "onOffer" | "tell">;
  /** The site's own bucket "site-plan". */
  readonly kept: KeyValueStore;
  readonly allotments: AllotmentStore;
  /** What the site's gateways count; undefined: they cannot be heard. */
  readonly demand: () => readonly StageDemand[] | undefined;
  readonly logger: Logger;
}

export interface PlanFollowerOptions {
  readonly site: string;
  /** That of the platform. */
  readonly namespace: string;
  /** The report is made anew so often: demand changes without an event. Default 5,000. */
  readonly beatMs?: number;
}

export const planKey = "plan";
const gatherMs = 100;
const retryMs = 1000;

/**
 * Runs the newest plan that the hub has offered and the site can run, and keeps running it, whether the hub is there or not. A plan that
 * it does not run is refused as a whole, with a reason, and looked at again when the cluster has changed.
 */
export function createPlanFollower(deps: PlanFollowerDeps, { site, namespace, beatMs = 5000 }: PlanFollowerOptions): Controller {
  const { classes, models, pools, nodes, sites, link, allotments, demand, logger } = deps;
  const objects = createPlannedObjects(deps, namespace);
  let kept: SitePlan | undefined;
  let loaded = false;
  let counted: readonly StageDemand[] | undefined;
  let refusal: (Decision & { readonly generation: number }) | undefined;

  async function load(): Promise<void> {
    if (loaded) return;
    const entry = await deps.kept.get(site);
    kept = entry && readPlan(entry.value);
    loaded = true;
  }

  async function judge(plan: SitePlan, signal: AbortSignal): Promise<Decision | undefined> {
    const offer = {
      ...{ plan, kept, site, isPlanned },
      classes: new Set(classes.list().map(({ metadata }) => metadata.name)),
      model: (name: string) => models.get({ name }),
      pool: (name: string) => pools.get({ namespace, name }),
    };
    return judgePlan(offer) ?? (await objects.check(plan, signal));
  }

  async function consider(signal: AbortSignal): Promise<void> {
    const { offered } = link;
    if (offered === undefined) return;
    if (offered === "unreadable") return refuse({ generation: 0, reason: "PlanUnreadable", message: "what the hub published is no plan" });
    if (kept?.generation === offered.generation && sameContent(kept, offered)) return refuse(undefined);
    const found = await judge(offered, signal);
    if (found) return refuse({ ...found, generation: offered.generation });
    await putValue(deps.kept, site, toBinary(SitePlanSchema, offered));
    kept = offered;
    refuse(undefined);
    logger.info({ site, generation: offered.generation, pools: offered.pools.length }, "a plan is taken");
  }

  function refuse(next: typeof refusal): void {
    if (next && (next.reason !== refusal?.reason || next.generation !== refusal.generation))
      logger.warn({ site, ...next }, "a plan is refused");
    refusal = next;
  }

  return {
    name: "site-plan",
    async reconcile(_, signal) {
      await load();
      await consider(signal);
      try {
        if (kept) {
          await objects.apply(kept, signal);
          await allotments.publish(site, kept.allotments);
        }
      } finally {
        // What a site can't do, its hub must hear, too.
        counted = demand() ?? counted;
        // To say that there are no sessions would be to give their seats away.
        if (counted !== undefined) report(counted);
      }
      return { requeueAfterMs: counted === undefined ? retryMs : beatMs };
    },
  };

  function report(counts: readonly StageDemand[]): void {
    const selector = sites.get({ name: site })?.spec.nodeSelector ?? {};
    const isIn = ({ metadata }: Node) => isSelected(metadata.labels, selector);
    const sight = {
      site,
      appliedGeneration: kept?.generation ?? 0,
      refusal,
      pools: objects.pools(),
      models: (kept?.models ?? []).flatMap(({ name }) => models.get({ name }) ?? []),
      demand: counts,
    };
    link.tell(siteReport({ ...sight, nodes: nodes.list().filter(isIn).length }));
  }
}

/** @returns what ends it */
export function triggerPlanFollower(
  { classes, models, pools, nodes, link }: Pick<PlanFollowerDeps, "classes" | "models" | "pools" | "nodes" | "link">,
  queue: WorkQueue,
): () => void {
  const wake = () => queue.addAfter(planKey, gatherMs);
  const ends = [
    link.onOffer(() => queue.add(planKey)),
    classes.on(({ type }) => type !== "changed" && wake()),
    models.on(({ type }) => type !== "changed" && wake()),
    pools.on(wake),
    nodes.on(({ type }) => type !== "changed" && wake()),
  ];
  queue.add(planKey);
  return () => {
    for (const end of ends) end();
  };
}
