import { type Decision, decide, type Policy } from "../kube/decision.ts";
import type { NodeView, SiteView, Toleration } from "./cluster-view.ts";
import { isSelected } from "./node-labels.ts";

interface Fitness {
  readonly node: NodeView;
  readonly tolerations: readonly Toleration[];
}

/** Why a machine takes no new packs, the most telling first; undefined: it does. */
const troubles: readonly Policy<Fitness>[] = [
  ({ node }) => (node.spec?.unschedulable ? { reason: "Cordoned", message: `node ${node.metadata.name} is cordoned` } : undefined),
  ({ node }) => {
    const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
    if (!ready || ready.status === "True") return undefined;
    return { reason: "NotReady", message: `node ${node.metadata.name} is not ready` };
  },
  ({ node, tolerations }) => {
    const taint = node.spec?.taints?.find((one) => repels(one) && !tolerations.some((toleration) => tolerates(toleration, one)));
    return taint && { reason: "Tainted", message: `node ${node.metadata.name} has the taint ${taintText(taint)}` };
  },
];

export const nodeTrouble = (node: NodeView, tolerations: readonly Toleration[]): Decision | undefined =>
  decide(troubles, { node, tolerations });

type Taint = { readonly key: string; readonly value?: string; readonly effect: string };

export const repels = (taint: Taint): boolean => taint.effect === "NoSchedule" || taint.effect === "NoExecute";

/** As kube-scheduler reads them: an empty key with Exists tolerates all, an empty effect any effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (!toleration.key) return toleration.operator === "Exists";
  if (toleration.key !== taint.key) return false;
  return toleration.operator === "Exists" || (toleration.value ?? "") === (taint.value ?? "");
}

const taintText = ({ key, value, effect }: Taint): string => `${key}${value ? `=${value}` : ""}:${effect}`;

/**
 * The site that a node is in: the one whose selector matches with the most labels. Two that match with equally many: the first by name,
 * marked as trouble, so that nothing new goes there until a person has decided.
 */
export function siteOf(node: NodeView, sites: readonly SiteView[]): { name: string; trouble: Decision | undefined } | undefined {
  const labels = node.metadata.labels ?? {};
  const matching = sites
    .filter(({ nodeSelector }) => isSelected(labels, nodeSelector))
    .sort((a, b) => Object.keys(b.nodeSelector).length - Object.keys(a.nodeSelector).length || (a.name < b.name ? -1 : 1));
  const [first, second] = matching;
  if (!first) return undefined;
  const tie = second && Object.keys(second.nodeSelector).length === Object.keys(first.nodeSelector).length;
  const message = `node ${node.metadata.name} is selected by the sites ${first.name} and ${second?.name}`;
  return { name: first.name, trouble: tie ? { reason: "SiteAmbiguous", message } : undefined };
}
