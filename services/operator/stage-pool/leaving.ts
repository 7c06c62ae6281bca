import type { Node } from "../kube/index.ts";

/** Why a node wants to be empty. In this order; the first that holds is the reason. */
const triggers: readonly ((node: Node, drainTaints: readonly string[]) => string | undefined)[] = [
  (node) => (node.status?.conditions?.some(({ type, status }) => type === "Ready" && status !== "True") ? "NodeNotReady" : undefined),
  (node) => (node.spec?.unschedulable ? "Cordoned" : undefined),
  (node, drainTaints) => (node.spec?.taints?.some(({ key }) => drainTaints.includes(key)) ? "Tainted" : undefined),
];

/** @param node undefined: it is gone, and its pods with it */
export function leavingReason(node: Node | undefined, drainTaints: readonly string[]): string | undefined {
  if (!node) return "NodeGone";
  for (const trigger of triggers) {
    const reason = trigger(node, drainTaints);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
