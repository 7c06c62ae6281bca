import { serveExecutor } from "../index.ts";

serveExecutor(() => ({
  double: (value: number) => value * 2,
  hang: () => new Promise(() => undefined),
  crash: () => process.exit(1),
}));
