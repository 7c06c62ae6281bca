export interface FoundCapacity {
  /** Most sessions that held; 0: not even one. */
  readonly sessions: number;
  /** What ended the search: one more does not hold, no more were asked for, or the time was over. */
  readonly bound: "late" | "limit" | "time";
}

/**
 * The largest number that holds: 1, 2, 4, ... until one does not, then bisection between the last two; at most 2 log2(n) + 2 numbers.
 * @param holds whether so many hold; undefined: there is no time to tell
 */
export async function findCapacity(limit: number, holds: (sessions: number) => Promise<boolean | undefined>): Promise<FoundCapacity> {
  let held = 0;
  let broken = Number.POSITIVE_INFINITY;
  while (held < limit && broken - held > 1) {
    const sessions = broken === Number.POSITIVE_INFINITY ? Math.min(limit, Math.max(1, held * 2)) : Math.floor((held + broken) / 2);
    const result = await holds(sessions);
    if (result === undefined) return { sessions: held, bound: "time" };
    if (result) held = sessions;
    else broken = sessions;
  }
  return { sessions: held, bound: held < limit ? "late" : "limit" };
}
