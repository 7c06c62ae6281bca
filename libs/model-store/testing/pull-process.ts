import { pullModels } from "../pull.ts";

/** A process of its own that pulls, and prints a line for each event: `node pull-process.ts <manifests> <cache>`. */
const [manifestDir = "", cacheDir = ""] = process.argv.slice(2);
await pullModels({
  manifestDir,
  cacheDir,
  env: process.env,
  onProgress: (event) => event.kind === "received" || process.stdout.write(`${event.kind}\n`),
});
