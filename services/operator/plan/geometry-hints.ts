import { partitionKind, wholeKind } from "../inventory/index.ts";
import { type Ledger, placeKey } from "./ledger.ts";
import type { Failure } from "./place-demand.ts";
import type { GeometryHint } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Shape } from "./units.ts";

/**
 * Cuts of free devices that would make room for what was not placed. Only a person, or the vendor's own tool, cuts devices: the hint
 * says what it would bring.
 */
export function geometryHints(input: PlanInput, failures: readonly Failure[], ledger: Ledger): readonly GeometryHint[] {
  const hints = new Map<string, GeometryHint>();
  for (const { request, search } of failures) {
    const stuck = request.units.filter((_, at) => search.roomy[at]?.length === 0);
    for (const shape of stuck.flatMap(({ shapes }) => shapes)) {
      for (const site of request.sites) {
        const hint = hintFor(input, ledger, site, shape);
        if (hint) hints.set(`${site}|${shape.acceleratorClass}|${shape.shareKind}`, hint);
      }
    }
  }
  return [...hints].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, hint]) => hint);
}

function hintFor(input: PlanInput, ledger: Ledger, site: string, shape: Shape): GeometryHint | undefined {
  const acceleratorClass = input.classes.find(({ name }) => name === shape.acceleratorClass);
  const free = (kind: string) => freePlaces(ledger, site, placeKey(shape.acceleratorClass, kind));
  if ("partition" in shape.share) {
    const wanted = shape.share.partition;
    const perDevice = acceleratorClass?.partitions.find(({ name }) => name === wanted)?.perDevice;
    const whole = free(wholeKind);
    if (!perDevice || whole === 0) return undefined;
    const message = `${whole} whole devices of ${shape.acceleratorClass} at ${site} are free; one cut into ${wanted} gives ${perDevice} places for ${shape.unit.key}`;
    return { site, acceleratorClass: shape.acceleratorClass, reason: "CutWouldHelp", message };
  }
  if (!("whole" in shape.share)) return undefined;
  const cut = acceleratorClass?.partitions.find(({ name, perDevice }) => free(partitionKind(name)) >= perDevice);
  if (!cut) return undefined;
  const message = `${free(partitionKind(cut.name))} partitions ${cut.name} of ${shape.acceleratorClass} at ${site} are free; ${shape.unit.key} needs a whole device`;
  return { site, acceleratorClass: shape.acceleratorClass, reason: "JoinWouldHelp", message };
}

function freePlaces(ledger: Ledger, site: string, key: string): number {
  return ledger.hostsAt(site).reduce((sum, { host, offers }) => sum + (host.closed ? 0 : (offers.get(key)?.left ?? 0)), 0);
}
