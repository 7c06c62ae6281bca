/** Of all that had the same deadline, so many may be late. */
const lateShare = 0.05;

export interface Lateness {
  /** Whether the 95th percentile of each deadline is in time. */
  readonly held: boolean;
  /** 95th percentile (nearest rank) of what is latest by it, after its deadline; negative: before. Infinite where too much never came. */
  readonly p95LateMs: number;
  /** What was latest of all that came. */
  readonly latest: { readonly deadline: string; readonly lateMs: number } | undefined;
}

/** Counts what came in time and what was late, deadline by deadline. */
export class DeadlinesKept {
  readonly #expected: ReadonlyMap<string, number>;
  readonly #late = new Map<string, number[]>();

  /** @param deadlines what has one, and how often in the work of one session */
  constructor(deadlines: Readonly<Record<string, number>>, sessions: number) {
    this.#expected = new Map(Object.entries(deadlines).map(([name, times]) => [name, times * sessions]));
  }

  report(name: string, lateMs: number): void {
    const reported = this.#late.get(name) ?? [];
    this.#late.set(name, reported);
    reported.push(lateMs);
  }

  /** Whether nothing that may still come can make it held. */
  get broken(): boolean {
    return [...this.#expected].some(([name, expected]) => {
      const late = this.#late.get(name)?.filter((ms) => ms > 0).length ?? 0;
      return late > Math.floor(expected * lateShare);
    });
  }

  /** What was not reported never came. */
  result(): Lateness {
    const p95s = [...this.#expected].map(([name, expected]) => {
      const reported = (this.#late.get(name) ?? []).toSorted((a, b) => a - b);
      return reported[expected - Math.floor(expected * lateShare) - 1] ?? Number.POSITIVE_INFINITY;
    });
    const p95LateMs = Math.max(...p95s);
    return { held: p95LateMs <= 0, p95LateMs, latest: this.#latest };
  }

  get #latest(): Lateness["latest"] {
    const all = [...this.#late].map(([deadline, reported]) => ({ deadline, lateMs: Math.max(...reported) }));
    return all.toSorted((a, b) => b.lateMs - a.lateMs)[0];
  }
}
