import { decide, type Node, type Policy } from "../kube/index.ts";

interface Place {
  readonly node: Node;
  readonly drainTaints: readonly string[];
}

/** Why a node wants to be empty. */
const triggers: readonly Policy<Place, string>[] = [
  ({ node }) => (node.status?.conditions?.some(({ type, status }) => type === "Ready" && status !== "True") ? "NodeNotReady" : undefined),
  ({ node }) => (node.spec?.unschedulable ? "Cordoned" : undefined),
  ({ node, drainTaints }) => (node.spec?.taints?.some(({ key }) => drainTaints.includes(key)) ? "Tainted" : undefined),
];

/** @param node undefined: it is gone, and its pods with it */
export const leavingReason = (node: Node | undefined, drainTaints: readonly string[]): string | undefined =>
  node ? decide(triggers, { node, drainTaints }) : "NodeGone";
