/**
 * Credit in media time: a writer may be at most the edge's lead ahead of what the presenter has presented of the response.
 * Positions come from the edge `presented`; a response that is not presented yet is at 0.
 */
export class Credit {
  readonly #positions = new Map<number, number>();
  readonly #waiting = new Map<number, Set<{ readonly ptsUs: number; readonly resolve: () => void }>>();

  advance(response: number, positionUs: number): void {
    if (positionUs <= this.position(response)) return;
    this.#positions.set(response, positionUs);
    for (const old of this.#positions.keys()) if (old < response - 16) this.#positions.delete(old);
    const waiting = this.#waiting.get(response);
    for (const entry of waiting ?? []) if (entry.ptsUs <= positionUs) entry.resolve();
  }

  position(response: number): number {
    return this.#positions.get(response) ?? 0;
  }

  /** Resolves once the presenter has reached `ptsUs` of the response. */
  async wait(response: number, ptsUs: number, signal: AbortSignal): Promise<void> {
    if (ptsUs <= this.position(response)) return;
    signal.throwIfAborted();
    const reached = Promise.withResolvers<void>();
    const entry = { ptsUs, resolve: reached.resolve };
    const entries = this.#waiting.get(response) ?? new Set();
    this.#waiting.set(response, entries.add(entry));
    const onAbort = () => reached.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await reached.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      entries.delete(entry);
      if (entries.size === 0) this.#waiting.delete(response);
    }
  }
}
