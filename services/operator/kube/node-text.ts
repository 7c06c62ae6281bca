import type { Node } from "./kind.ts";

/** What of a node matters to whoever counts its devices: heartbeats change the rest every few seconds. */
export const deviceTextOf = ({ metadata, spec, status }: Node): string =>
  JSON.stringify([
    metadata.labels,
    spec?.unschedulable,
    spec?.taints,
    status?.allocatable,
    status?.conditions?.find(({ type }) => type === "Ready")?.status,
  ]);
