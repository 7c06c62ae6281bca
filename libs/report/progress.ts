const startMs = performance.now();

/** Progress for people, on standard error, with the time since the start. */
export function step(text: string): void {
  process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
}
