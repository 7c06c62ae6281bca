/** Work in native memory that must end before the memory is freed. */
export interface NativeWork {
  /** @returns what it was given */
  track<Result>(work: Promise<Result>): Promise<Result>;
  /** Resolves when nothing runs any more, however it ended. */
  ended(): Promise<void>;
}

export function createNativeWork(): NativeWork {
  const running = new Set<Promise<unknown>>();
  return {
    track(work) {
      const done: Promise<unknown> = work.then(
        () => running.delete(done),
        () => running.delete(done),
      );
      running.add(done);
      return work;
    },
    async ended() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
