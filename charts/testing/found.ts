const limitMs = 40_000;

/**
 * What a cluster has come to: asks again and again until there is an answer.
 * @param look nothing, or an error, means not yet
 * @throws Error after 40 s, naming what was waited for and the last error
 */
export async function found<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const startMs = performance.now();
  let last: unknown;
  while (performance.now() - startMs < limitMs) {
    const answer = await look().catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`waited ${limitMs} ms in vain for ${what}`, { cause: last });
}
