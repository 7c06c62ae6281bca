import { inspect } from "node:util";

/**
 * Runs `stop` once, on SIGTERM or SIGINT; a second signal ends the process at once.
 * @param onFailed what to do with a failure of `stop` before the process exits with 1; default: print it
 */
export function onShutdown(
  stop: (signal: string) => Promise<void>,
  onFailed: (thrown: unknown) => void = (thrown) => void process.stderr.write(`the shutdown failed: ${inspect(thrown)}\n`),
): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      stop(signal).then(
        () => process.exit(0),
        (thrown) => {
          onFailed(thrown);
          process.exit(1);
        },
      );
    });
  }
}
