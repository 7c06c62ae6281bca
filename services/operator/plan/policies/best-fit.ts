import type { Place } from "../ledger.ts";
import type { Request } from "../requests.ts";
import type { PlacementPolicy, Rank } from "./policy.ts";

/**
 * Best fit decreasing: what is hardest to place comes first, and goes where it leaves the least, so that large places stay whole.
 * Leftovers of several dimensions are compared by their norm (Panigrahy et al., "Heuristics for Vector Bin Packing", 2011).
 * Within the round-trip limit, price decides between sites, then distance.
 */
export const bestFit: PlacementPolicy = {
  name: "best-fit",
  compareRequests: (a, b) =>
    a.sites.length - b.sites.length ||
    encoders(b) - encoders(a) ||
    b.weight - a.weight ||
    b.sessions - a.sessions ||
    (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  rankSite: ({ priceMicros, roundTripMs, order }) => [priceMicros, roundTripMs, order],
  rankHost: (place, shape) => (place.offer ? rankDevice(place, shape.videoEncoders, shape.memoryMebibytes) : rankCpu(place)),
  rankPack: (bin, shape, sessions) => {
    const offer = bin.host.offers.get(`${bin.acceleratorClass}/${bin.shareKind}`)?.offer;
    const memory = (bin.memoryLeft - shape.memoryMebibytes) / Math.max(1, offer?.memoryMebibytes ?? 1);
    const time = 1 - bin.used - sessions / (shape.sessions ?? 1);
    return [memory ** 2 + time ** 2];
  },
};

const encoders = ({ units }: Request): number =>
  units.some(({ shapes }) => shapes.some(({ videoEncoders }) => videoEncoders > 0)) ? 1 : 0;

/** Encoders are for those who need one; then the smallest device, then the machine with the fewest left. */
function rankDevice({ host, offer }: Place, videoEncoders: number, memoryMebibytes: number): Rank {
  if (!offer) return [];
  const spare = offer.offer.videoEncoders - videoEncoders;
  return [spare, offer.offer.memoryMebibytes - memoryMebibytes, offer.left, host.millicores];
}

/** Machines with free devices need their CPU for those; then the machine that is left with the least. */
function rankCpu({ host }: Place): Rank {
  let devices = 0;
  for (const { left } of host.offers.values()) devices += left > 0 ? 1 : 0;
  const cpu = host.millicores / Math.max(1, host.host.millicores);
  const memory = host.memoryMebibytes / Math.max(1, host.host.memoryMebibytes);
  return [devices > 0 ? 1 : 0, cpu ** 2 + memory ** 2];
}
