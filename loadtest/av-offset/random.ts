/** Mulberry32: a small deterministic generator, 0 <= value < 1. Source: Tommy Ettinger, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher-Yates over 0..count-1, in which no number stays where it was or beside it as far as chance finds such an order. */
export function scatteredOrder(count: number, random: () => number): number[] {
  let best: number[] = [];
  let bestNear = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 50 && bestNear > 0; attempt++) {
    const order = Array.from({ length: count }, (_, n) => n);
    for (let n = count - 1; n > 0; n--) {
      const other = Math.floor(random() * (n + 1));
      [order[n], order[other]] = [order[other] as number, order[n] as number];
    }
    const near = order.filter((from, to) => Math.abs(from - to) <= 1).length;
    if (near < bestNear) [best, bestNear] = [order, near];
  }
  return best;
}
