/**
 * An amount in whole parts in proportion to weights (largest remainder, Hamilton's method); of equal remainders the first gets more.
 * Parts add up to the amount, and where it is no more than the sum of the weights, none is larger than its weight.
 * @param amount whole, 0 or more
 * @param weights whole, 0 or more each; all 0: all parts are 0
 */
export function apportion(amount: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0 || amount <= 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (amount * weight) / sum);
  const parts = exact.map(Math.floor);
  const left = amount - parts.reduce((total, part) => total + part, 0);
  const byRemainder = exact.map((value, at) => ({ at, remainder: value - Math.floor(value) })).sort((a, b) => b.remainder - a.remainder);
  for (const { at } of byRemainder.slice(0, left)) parts[at] = (parts[at] ?? 0) + 1;
  return parts;
}

/** Fair parts of an amount that is too small for all wants: the smallest wants are met first (max-min fairness, water filling). */
export function fairParts(amount: number, wants: readonly number[]): readonly number[] {
  const parts = wants.map(() => 0);
  let left = amount;
  const ascending = wants.map((want, at) => ({ want, at })).sort((a, b) => a.want - b.want);
  for (const [index, { want, at }] of ascending.entries()) {
    const part = Math.min(want, Math.floor(left / (ascending.length - index)));
    parts[at] = part;
    left -= part;
  }
  return parts;
}
