import { type Decision, decide, type Policy } from "../kube/decision.ts";
import type { AcceleratorClassView, NodeView } from "./cluster-view.ts";

interface Sharing {
  readonly acceleratorClass: AcceleratorClassView;
  readonly sign: string | undefined;
}

const refusals: readonly Policy<Sharing>[] = [
  ({ acceleratorClass, sign }) =>
    sign && !acceleratorClass.sharing.allowTimeSliced
      ? { reason: "TimeSliced", message: `${sign}: shared devices are not planned for class ${acceleratorClass.name}` }
      : undefined,
  ({ acceleratorClass, sign }) =>
    sign && !acceleratorClass.sharing.measuredSharesPerDevice
      ? {
          reason: "SharingNotMeasured",
          message: `${sign}: class ${acceleratorClass.name} allows sharing, but names no sharers per device that its capacity was measured with`,
        }
      : undefined,
];

/** The sign by which a node shows that its devices are shared, as `label=value`. */
export function sharingSign(node: NodeView, { sharing }: AcceleratorClassView): string | undefined {
  const sign = sharing.signs?.find(({ label, exclusiveValues }) => {
    const value = node.metadata.labels?.[label];
    return value !== undefined && !exclusiveValues.includes(value);
  });
  return sign && `${sign.label}=${node.metadata.labels?.[sign.label]}`;
}

/** Why shared devices of a class stay in quarantine; undefined: they are not shared, or the class opted in with a measurement. */
export const sharingRefusal = (acceleratorClass: AcceleratorClassView, sign: string | undefined): Decision | undefined =>
  decide(refusals, { acceleratorClass, sign });

/** Sharers of one device on this node: 1 unless the class opted in. */
export const sharers = (acceleratorClass: AcceleratorClassView, sign: string | undefined): number =>
  sign ? (acceleratorClass.sharing.measuredSharesPerDevice ?? 1) : 1;
