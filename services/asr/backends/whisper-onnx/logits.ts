export function largest(logits: Float32Array): number {
  let best = 0;
  for (let index = 1; index < logits.length; index++) if ((logits[index] as number) > (logits[best] as number)) best = index;
  return best;
}

/** Natural logarithm of a token's probability: its logit less the logarithm of the sum of all exponentials. */
export function logProbability(logits: Float32Array, token: number): number {
  const peak = logits[largest(logits)] as number;
  let sum = 0;
  for (let index = 0; index < logits.length; index++) sum += Math.exp((logits[index] as number) - peak);
  return (logits[token] as number) - peak - Math.log(sum);
}
