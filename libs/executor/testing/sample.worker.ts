import { serveExecutor } from "../index.ts";

serveExecutor(() => ({
  double: (value: number) => value * 2,
  /** Waits so long that those behind it queue up. Answers with the sizes of the batches they come in. */
  sizes: (batch: readonly number[]) => batch.map(() => batch.length),
  together: (batch: readonly number[]) => {
    if (batch.includes(13)) throw new Error("13 is refused");
    return batch.map((value) => value * 2);
  },
  hold: (gate: Int32Array) => Atomics.wait(gate, 0, 0),
  hang: () => new Promise(() => undefined),
  crash: () => process.exit(1),
}));
