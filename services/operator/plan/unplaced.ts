import { type Quarantine, shareText } from "../inventory/index.ts";
import { type Decision, decide, type Policy } from "../kube/decision.ts";
import { type HostState, type Ledger, placeKey } from "./ledger.ts";
import type { Search } from "./place-request.ts";
import { concerns, type Rules } from "./place-unit.ts";
import type { Request } from "./requests.ts";
import type { Shape, Unit } from "./units.ts";
import { explainSites } from "./unplaced-sites.ts";

export interface UnplacedCase {
  readonly request: Request;
  readonly search: Search;
  readonly ledger: Ledger;
  readonly rules: Rules;
  readonly quarantined: readonly Quarantine[];
  /** Units that are being measured, and where. */
  readonly measuring: ReadonlyMap<string, string>;
}

export interface UnplacedReason extends Decision {
  readonly stage?: string;
}

/** Why sessions found no place, the cause that a person must act on first. The last one always speaks. */
const reasons: readonly Policy<UnplacedCase, UnplacedReason>[] = [
  ({ request }) => {
    const unit = request.units.find(({ flaw }) => flaw);
    return unit?.flaw && { ...unit.flaw, stage: unit.stage };
  },
  ({ request }) => (request.sites.length === 0 ? explainSites(request) : undefined),
  ({ request }) => {
    const unit = request.units.find(({ shapes }) => shapes.length === 0);
    return unit && { reason: "NoCommonClass", message: `no class and share can run all models of ${unit.key}`, stage: unit.stage };
  },
  (one) => stuck(one, hardware),
  (one) => stuck(one, notProfiled),
  (one) => stuck(one, room),
  ({ request, search }) => {
    if (search.tried > 0 || search.roomy.some((sites) => sites.length === 0)) return undefined;
    const message = `each stage has room somewhere, but not within ${request.pipeline.roundTripLimitMs} ms of each other`;
    return { reason: "RoundTripInsidePipeline", message };
  },
  ({ request }) => ({ reason: "NoCapacity", message: `the stages want the same devices at ${listed(request.sites)}` }),
];

export function explainUnplaced(one: UnplacedCase): UnplacedReason {
  return decide(reasons, one) ?? { reason: "NoCapacity", message: "no room" };
}

/** The first stage without room anywhere, judged by policies about one stage over all sites of the request. */
function stuck(one: UnplacedCase, policies: readonly Policy<StuckUnit>[]): UnplacedReason | undefined {
  for (const [at, unit] of one.request.units.entries()) {
    if ((one.search.roomy[at]?.length ?? 0) > 0) continue;
    const hosts = one.request.sites.flatMap((site) => one.ledger.hostsAt(site));
    const decision = decide(policies, { ...one, unit, hosts });
    if (decision) return { ...decision, stage: unit.stage };
  }
  return undefined;
}

interface StuckUnit extends UnplacedCase {
  readonly unit: Unit;
  /** Machines of all sites that may serve the request. */
  readonly hosts: readonly HostState[];
}

const offersOf = (hosts: readonly HostState[], shape: Shape) =>
  hosts.flatMap(({ offers }) => offers.get(placeKey(shape.acceleratorClass, shape.shareKind)) ?? []);

const onCpu = (shape: Shape): boolean => "cpuMillicores" in shape.share;

const hasClass = (hosts: readonly HostState[], shape: Shape): boolean =>
  hosts.some(({ host }) =>
    onCpu(shape)
      ? host.cpuClass === shape.acceleratorClass
      : host.offers.some((offer) => offer.acceleratorClass === shape.acceleratorClass),
  );

/** Places of the right kind on empty machines, before memory and encoders are looked at. */
const hasKind = (hosts: readonly HostState[], shape: Shape): boolean =>
  onCpu(shape) ? hasClass(hosts, shape) : offersOf(hosts, shape).length > 0;

/** What no waiting mends: the machines don't have it. */
const hardware: readonly Policy<StuckUnit>[] = [
  ({ unit, hosts, quarantined, request }) => {
    if (unit.shapes.some((shape) => hasClass(hosts, shape))) return undefined;
    const wanted = new Set(unit.shapes.map(({ acceleratorClass }) => acceleratorClass));
    const [held] = quarantined.filter(
      (one) => one.acceleratorClass && wanted.has(one.acceleratorClass) && request.sites.includes(one.site ?? ""),
    );
    return (
      held && {
        reason: "Quarantined",
        message: `devices of class ${held.acceleratorClass} on ${held.node} are in quarantine: ${held.message}`,
      }
    );
  },
  ({ unit, hosts, request }) =>
    unit.shapes.some((shape) => hasClass(hosts, shape))
      ? undefined
      : { reason: "NoMatchingClass", message: `no machine of class ${listed(classesOf(unit))} at ${listed(request.sites)}` },
  ({ unit, hosts, request }) => {
    if (unit.shapes.some((shape) => hasKind(hosts, shape))) return undefined;
    const kinds = unit.shapes.map(({ shareKind }) => shareKind.replace("partition:", ""));
    return {
      reason: "NoSuchPartition",
      message: `${listed(kinds)} exists on no device at ${listed(request.sites)}; geometry is never changed`,
    };
  },
  ({ unit, hosts }) => {
    if (unit.shapes.some((shape) => hasKind(hosts, shape) && largest(hosts, shape) >= shape.memoryMebibytes)) return undefined;
    const [shape] = unit.shapes.filter((one) => hasKind(hosts, one));
    if (!shape) return undefined;
    const message = `${unit.key} needs ${shape.memoryMebibytes} MiB on ${shape.acceleratorClass}, the largest place has ${largest(hosts, shape)}`;
    return { reason: "TooLarge", message };
  },
  ({ unit, hosts }) => {
    const fits = (shape: Shape) =>
      shape.videoEncoders === 0 || offersOf(hosts, shape).some(({ offer }) => offer.videoEncoders >= shape.videoEncoders);
    if (unit.shapes.some((shape) => hasKind(hosts, shape) && fits(shape))) return undefined;
    return { reason: "NoVideoEncoder", message: `${unit.key} needs a video encoder, and no device in reach has one` };
  },
];

function largest(hosts: readonly HostState[], shape: Shape): number {
  const sizes = onCpu(shape)
    ? hosts.filter(({ host }) => host.cpuClass === shape.acceleratorClass).map(({ host }) => host.memoryMebibytes)
    : offersOf(hosts, shape).map(({ offer }) => offer.memoryMebibytes);
  return Math.max(0, ...sizes);
}

/** What a measurement mends. */
const notProfiled: readonly Policy<StuckUnit>[] = [
  ({ unit, hosts, measuring }) => {
    if (unit.shapes.some((shape) => shape.sessions !== undefined && hasKind(hosts, shape))) return undefined;
    const where = measuring.get(unit.key);
    const doing = where ? `one replica measures it at ${where}` : "no place is free to measure it";
    return { reason: "NotProfiled", message: `nobody has measured yet how many sessions ${unit.key} serves; ${doing}` };
  },
  ({ unit, hosts }) =>
    unit.shapes.some((shape) => shape.sessions !== 0 && hasKind(hosts, shape))
      ? undefined
      : { reason: "TooSlow", message: `measured: ${unit.key} keeps its deadlines for no session on ${listed(classesOf(unit))}` },
];

/** What time or more machines mend. */
const room: readonly Policy<StuckUnit>[] = [
  ({ request, rules }) =>
    request.sites.every((site) => rules.closedSites.has(site))
      ? { reason: "SitesClosed", message: `${listed(request.sites)} take nothing new: paused or cut off` }
      : undefined,
  ({ unit, request, rules }) => {
    const hit = rules.exclusions.find(
      (exclusion) => request.sites.includes(exclusion.site) && unit.shapes.some((shape) => concerns(exclusion, exclusion.site, shape)),
    );
    return hit && { reason: "Contradicted", message: `${hit.message}; nothing new of this kind there until the exclusion ends` };
  },
  ({ unit, hosts }) => {
    const closed = hosts.find(({ host }) => host.closed && unit.shapes.some((shape) => hasKind([{ ...stateOf(host) }], shape)));
    const open = hosts.some(({ host }) => !host.closed && unit.shapes.some((shape) => hasKind([{ ...stateOf(host) }], shape)));
    return closed?.host.closed && !open ? { reason: "NodesClosed", message: closed.host.closed.message } : undefined;
  },
  ({ unit, request }) => ({
    reason: "NoCapacity",
    message: `at ${listed(request.sites)} nothing is free for ${unit.key} (${unit.shapes.map(wanted).join(", or ")})`,
  }),
];

/** A machine as if it were empty. */
function stateOf(host: HostState["host"]): HostState {
  const offers = new Map(host.offers.map((offer) => [placeKey(offer.acceleratorClass, offer.shareKind), { offer, left: offer.count }]));
  return { host, millicores: host.millicores, memoryMebibytes: host.memoryMebibytes, offers };
}

const wanted = ({ share, acceleratorClass, memoryMebibytes }: Shape): string => {
  const place = "whole" in share ? `a whole ${acceleratorClass}` : `${shareText(share)} of ${acceleratorClass}`;
  return `${place} with ${memoryMebibytes} MiB`;
};

const classesOf = (unit: Unit): string[] => unit.shapes.map(({ acceleratorClass }) => acceleratorClass);

/** At most four names; the rest is counted. */
export function listed(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const shown = distinct.slice(0, 4).join(", ");
  return distinct.length > 4 ? `${shown} and ${distinct.length - 4} more` : shown;
}
