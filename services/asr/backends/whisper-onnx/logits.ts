export function largest(logits: Float32Array): number {
  let best = 0;
  for (let index = 1; index < logits.length; index++) if ((logits[index] as number) > (logits[best] as number)) best = index;
  return best;
}

/** Natural logarithm of a token's probability: its logit less the logarithm of the sum of all exponentials. */
export function logProbability(logits: Float32Array, token: number): number {
  return (logits[token] as number) - logSumOfExponentials(logits);
}

/** Logits so far below the largest add less than 1e-6 to the sum, all of them together; exponentials are what a step costs outside the graph. */
const negligible = 25;

export function logSumOfExponentials(logits: Float32Array): number {
  const peak = logits[largest(logits)] as number;
  let sum = 0;
  for (let index = 0; index < logits.length; index++) {
    const below = (logits[index] as number) - peak;
    if (below > -negligible) sum += Math.exp(below);
  }
  return peak + Math.log(sum);
}
