import type { AcceleratorClassView, NodeView } from "./cluster-view.ts";

export const labelsMatch = (node: NodeView, labels: Readonly<Record<string, string>> = {}): boolean =>
  Object.entries(labels).every(([label, value]) => node.metadata.labels?.[label] === value);

/** How much a class asks of a device: of two that match, the one that asks more wins. */
export const specificity = ({ match }: AcceleratorClassView): number =>
  Object.keys(match.nodeLabels ?? {}).length + Object.keys(match.deviceAttributes ?? {}).length;
