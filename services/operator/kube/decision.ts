/** Why something is so: a reason for programs (UpperCamelCase), a message for people. */
export interface Decision {
  readonly reason: string;
  readonly message: string;
}

/** Looks at everything and says why, or leaves the decision to the next. Pure. */
export type Policy<Input, D = Decision> = (input: Input) => D | undefined;

/** What the first policy that speaks says; the order is the priority. */
export function decide<Input, D = Decision>(policies: readonly Policy<Input, D>[], input: Input): D | undefined {
  for (const policy of policies) {
    const decision = policy(input);
    if (decision !== undefined) return decision;
  }
  return undefined;
}
