import type { Plan, Route } from "./plan.ts";
import type { PlanInput, PlanPipeline, PlanSite } from "./plan-input.ts";

/** Routes that go where they must not: residency, sites that are lost or not named, stages too far apart or left out. */
export function verifyRoutes(input: PlanInput, plan: Plan): string[] {
  return plan.routes.flatMap((route) => {
    const pipeline = input.pipelines.find(({ name }) => name === route.pipeline);
    if (!pipeline) return [`route of unknown ${route.pipeline}`];
    const used = [...new Set(route.stages.map(({ site }) => site))];
    const wrong = used.flatMap((name) => wrongSite(input, route, pipeline, name));
    const ends = route.origin === undefined ? used : [...used, route.origin];
    for (const a of ends)
      for (const b of ends)
        if (a < b && distance(input, a, b) > pipeline.roundTripLimitMs) wrong.push(`${route.pipeline}: ${a} and ${b} are too far apart`);
    if (route.stages.length !== pipeline.stages.length) wrong.push(`${route.pipeline}: not all stages`);
    return wrong;
  });
}

function wrongSite(input: PlanInput, route: Route, pipeline: PlanPipeline, name: string): string[] {
  const site = input.sites.find((one) => one.name === name);
  if (!site) return [`${route.pipeline} at unknown site ${name}`];
  const wrong: string[] = [];
  const tenants = input.tenants.filter((one) => route.tenants.includes(one.name));
  for (const residency of tenants.length > 0 ? tenants.map((one) => one.residency) : [[]])
    if (!mayLie(site, pipeline.residency, residency)) wrong.push(`${route.pipeline} of ${route.tenants} at ${name}: residency`);
  if (site.state === "lost") wrong.push(`${route.pipeline} at lost ${name}`);
  if (pipeline.sites && !pipeline.sites.includes(name)) wrong.push(`${route.pipeline} at ${name}, which it does not name`);
  return wrong;
}

function mayLie({ residency }: PlanSite, ...lists: readonly (readonly string[])[]): boolean {
  const binding = lists.filter((list) => list.length > 0);
  return binding.length === 0 || residency.some((region) => binding.every((list) => list.includes(region)));
}

function distance({ sites }: PlanInput, a: string, b: string): number {
  const one = (from: string, to: string) => sites.find(({ name }) => name === from)?.roundTrips.filter(({ site }) => site === to) ?? [];
  const measured = [...one(a, b), ...one(b, a)].map(({ milliseconds }) => milliseconds);
  return measured.length > 0 ? Math.max(...measured) : Number.POSITIVE_INFINITY;
}
