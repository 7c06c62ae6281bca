/** One statement about an object (API conventions, "typical status properties"). */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  /** UpperCamelCase, for programs. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** The generation that the statement is about. */
  readonly observedGeneration: number;
  /** RFC 3339, seconds; when `status` last changed. */
  readonly lastTransitionTime: string;
}

/**
 * The conditions with one of them set; the others stay, in their order. The transition time stays while the status does.
 * @param utcNowMs milliseconds since 1970, UTC
 */
export function setCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  condition: Omit<Condition, "lastTransitionTime">,
  utcNowMs: number,
): readonly Condition[] {
  const all = conditions ?? [];
  const before = all.find((one) => one.type === condition.type);
  const lastTransitionTime =
    before?.status === condition.status ? before.lastTransitionTime : new Date(utcNowMs).toISOString().replace(/\.\d+Z$/, "Z");
  const now: Condition = { ...condition, lastTransitionTime };
  return before ? all.map((one) => (one === before ? now : one)) : [...all, now];
}

export const conditionOf = <C extends { readonly type: string }>(
  object: { readonly status?: { readonly conditions?: readonly C[] } | undefined },
  type: string,
): C | undefined => object.status?.conditions?.find((condition) => condition.type === type);
