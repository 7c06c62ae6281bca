import { inspect } from "node:util";

interface Part {
  readonly stop: (signal: string) => Promise<void>;
  readonly onFailed: (thrown: unknown) => void;
}

/** What stops when this process is told to: a process has its signals once, and may be several services. */
const parts: Part[] = [];
let stopping = false;

/**
 * Runs `stop` once, on SIGTERM or SIGINT; the process exits when all that asked for this have stopped. A second signal ends it at once.
 * @param onFailed what to do with a failure of `stop` before the process exits with 1; default: print it
 */
export function onShutdown(
  stop: Part["stop"],
  onFailed: Part["onFailed"] = (thrown) => void process.stderr.write(`the shutdown failed: ${inspect(thrown)}\n`),
): void {
  parts.push({ stop, onFailed });
  if (parts.length > 1) return;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      void stopAll(signal);
    });
  }
}

/** Never rejects. */
async function stopAll(signal: string): Promise<void> {
  let failed = false;
  const stopPart = async ({ stop, onFailed }: Part) => {
    try {
      await stop(signal);
    } catch (thrown) {
      failed = true;
      onFailed(thrown);
    }
  };
  await Promise.all(parts.map(stopPart));
  process.exit(failed ? 1 : 0);
}
