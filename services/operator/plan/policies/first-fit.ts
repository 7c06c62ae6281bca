import type { PlacementPolicy } from "./policy.ts";

/** The naive baseline: requests by name, the first site and machine with room, every stage on devices of its own. */
export const firstFit: PlacementPolicy = {
  name: "first-fit",
  compareRequests: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  rankSite: ({ order }) => [order],
  rankHost: () => [0],
  rankPack: () => undefined,
};
