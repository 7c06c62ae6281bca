import { loadavg } from "node:os";
import { ServiceError } from "@troupe/errors";
import { documentReport, printReport, saveReport, step } from "@troupe/report";
import { type Command, InvalidArgumentError } from "commander";
import { mergeFigures } from "./figures-file.ts";
import type { Part } from "./part.ts";

interface Options {
  readonly drains: number;
  readonly nodes: number;
  readonly minutes: number;
  readonly seed: number;
  readonly document: boolean;
  readonly out: string;
}

/** `loadtest cluster [part…]`. Without parts all run. */
export function addCluster(program: Command, parts: readonly Part[]): void {
  program
    .command("cluster")
    .argument("[parts...]", `some of: ${parts.map(({ name }) => name).join(", ")}; default: all`)
    .description("the operator on a real Kubernetes API server; figures go to out/cluster.json")
    .option("--drains <n>", "pods taken away in the part drains", positive, 1000)
    .option("--nodes <n>", "simulated nodes of the part reconcile", positive, 200)
    .option("--minutes <n>", "how long operator and API server are away in the part apiDown", positive, 2)
    .option("--seed <n>", "of everything that happens at random", positive, 1)
    .option("--document", "also write docs/results/cluster-<part>.md", false)
    .option("--out <file>", "figures", "out/cluster.json")
    .action(async (names: readonly string[], options: Options) => {
      const unknown = names.find((name) => !parts.some((part) => part.name === name));
      if (unknown !== undefined) throw new ServiceError("INVALID_REQUEST", `there is no part "${unknown}"; see --help`);
      const wanted = parts.filter(({ name }) => names.length === 0 || names.includes(name));
      await runParts(wanted, options);
    });
}

/** One after the other; a part that fails is told and does not keep the others from running. */
async function runParts(parts: readonly Part[], options: Options): Promise<void> {
  const stop = new AbortController();
  const onInterrupt = () => stop.abort(new ServiceError("CANCELLED", "interrupted"));
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, onInterrupt);
  for (const part of parts) {
    if (stop.signal.aborted) break;
    try {
      await runPart(part, options, stop.signal);
    } catch (thrown) {
      step(`${part.name} FAILED: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      process.exitCode = 1;
    }
  }
  for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, onInterrupt);
}

async function runPart(part: Part, options: Options, stop: AbortSignal): Promise<void> {
  const { name } = part;
  const limitS = part.limitS(options);
  step(`cluster ${name}: ${part.description}; at most ${limitS} s`);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limitS * 1000)]);
  const loadBefore = loadavg()[0] ?? 0;
  const { figures, report: measured } = await part.run({ ...options, step: (text) => step(`${name}: ${text}`), signal });
  await mergeFigures(options.out, figures);
  const load = `Load average of the machine (1 min): ${loadBefore.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after. Seed ${options.seed}.`;
  const report = { ...measured, method: [...measured.method, load] };
  printReport(report);
  const file = `cluster-${name.toLowerCase()}`;
  step(`wrote ${options.out} and ${await saveReport(file, report, "out/bench")}`);
  if (!options.document) return;
  const command = `node loadtest/main.ts cluster ${name}${argumentsOf(part, options)} --document`;
  step(`wrote ${await documentReport(file, report, "docs/results", command)}`);
}

function argumentsOf({ name }: Part, { drains, nodes, minutes }: Options): string {
  if (name === "drains") return ` --drains ${drains}`;
  if (name === "reconcile") return ` --nodes ${nodes}`;
  return name === "apiDown" ? ` --minutes ${minutes}` : "";
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a positive whole number, please");
  return value;
}
