const limitMs = 10_000;

/**
 * Lets the event loop go round until the condition holds; `meanwhile` runs each time it does not yet.
 * @throws Error after 10 s, naming what was waited for
 */
export async function until(what: string, condition: () => boolean, meanwhile: () => unknown = () => undefined): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > limitMs) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await meanwhile();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
