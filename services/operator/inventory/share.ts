/** How a pack takes its part of a machine: a whole device, a partition that exists, or so much CPU. */
export type Share = { readonly whole: true } | { readonly partition: string } | { readonly cpuMillicores: number };

/** The kind of place that a share needs: `whole`, `partition:<name>` or `cpu`. CPU shares of any size are of one kind. */
export function shareKind(share: Share): string {
  if ("cpuMillicores" in share) return "cpu";
  return "partition" in share ? partitionKind(share.partition) : wholeKind;
}

export const wholeKind = "whole";
export const cpuKind = "cpu";
export const partitionKind = (partition: string): string => `partition:${partition}`;

/** For people and names: `whole`, `1g.10gb`, `500m`. */
export function shareText(share: Share): string {
  if ("cpuMillicores" in share) return `${share.cpuMillicores}m`;
  return "partition" in share ? share.partition : wholeKind;
}
