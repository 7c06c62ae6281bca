import { type Bus, type Subscription, serve } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { kinds } from "@troupe/kinds";
import { z } from "zod";
import { explainSubject } from "../fleet/index.ts";
import type { Informers } from "../informers.ts";
import { type Condition, type Informer, type KubeObject, keyOf, refOf } from "../kube/index.ts";
import { explain } from "../plan/index.ts";
import type { PlanLoops } from "../planner/index.ts";

const question = z.object({ kind: z.string().max(63), name: z.string().max(253) });

type Explainable = KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] } };

export interface ExplainDeps {
  readonly bus: Bus;
  readonly informers: Informers;
  readonly plans: Pick<PlanLoops, "store" | "autoscaler">;
}

/** Answers what the operator knows of an object, and why it does what it does, as text for people. */
export function serveExplanations(
  { bus, informers, plans }: ExplainDeps,
  options: { readonly site: string; readonly namespace: string },
): Subscription {
  const informerOf = new Map<string, readonly [kind: string, Informer<Explainable>]>();
  const add = ({ kind, plural }: { kind: string; plural: string }, informer: Informer<Explainable>) => {
    for (const name of [kind.toLowerCase(), plural]) informerOf.set(name, [kind, informer]);
  };
  add(kinds.stagePools, informers.pools);
  add(kinds.pipelines, informers.pipelines);
  add(kinds.sites, informers.sites);
  add(kinds.models, informers.models);
  add(kinds.tenants, informers.tenants);
  add(kinds.avatars, informers.avatars);
  add(kinds.acceleratorClasses, informers.classes);

  return serve(bus, explainSubject(options.site), async ({ data }) => {
    const asked = readQuestion(data);
    const known = informerOf.get(asked.kind.toLowerCase());
    if (!known)
      throw new ServiceError("OBJECT_UNKNOWN", `there is no kind "${asked.kind}"; there are ${[...informerOf.keys()].join(", ")}`);
    const [kind, informer] = known;
    const object = informer.get(refOf(asked.name)) ?? informer.get({ namespace: options.namespace, name: asked.name });
    if (!object) throw new ServiceError("OBJECT_UNKNOWN", `there is no ${kind} ${asked.name}`);
    const name = keyOf(object.metadata);
    const scale = kind === kinds.stagePools.kind ? plans.autoscaler.decisionOf(name) : undefined;
    return new TextEncoder().encode(
      explain({ kind, name, conditions: object.status?.conditions ?? [], plan: plans.store.current?.plan, scale }),
    );
  });
}

function readQuestion(data: Uint8Array): z.infer<typeof question> {
  try {
    return question.parse(JSON.parse(new TextDecoder().decode(data)));
  } catch (cause) {
    throw new ServiceError("INVALID_REQUEST", "a question is JSON with kind and name", { cause });
  }
}
