/** What a slice may take that is made while others play. */
const laterSliceMs = 15_000;

/** The deadline of a clause is its first sound's; what comes later has a time of its own. */
export function sliceDeadlineMs(deadlineMs: number, isFirst: boolean): number {
  return isFirst ? deadlineMs : Math.max(deadlineMs, performance.now() + laterSliceMs);
}
