import { ServiceError } from "@troupe/errors";
import { documentReport, printReport, saveReport, step } from "@troupe/report";
import { type Command, InvalidArgumentError } from "commander";
import type { Benchmark } from "./benchmark.ts";

interface Options {
  readonly count?: number;
  readonly limit?: number;
  readonly document: boolean;
}

export function addBench(program: Command, benchmarks: readonly Benchmark[]): void {
  const bench = program.command("bench").description("measure speed and cost; figures go to out/bench/<name>.json");
  const add = (name: string, description: string) =>
    bench
      .command(name)
      .description(description)
      .option("--limit <seconds>", "stop after this time", positive)
      .option("--document", "also write docs/results/<name>.md", false);
  for (const benchmark of benchmarks) {
    add(benchmark.name, benchmark.description)
      .option("--count <n>", benchmark.counts, positive)
      .action((options: Options) => runOne(benchmark, options));
  }
  add("all", "every benchmark, one after the other").action(async (options: Options) => {
    for (const benchmark of benchmarks) await runOne(benchmark, options);
  });
}

async function runOne(benchmark: Benchmark, { count, limit = benchmark.limitS, document }: Options): Promise<void> {
  const { name } = benchmark;
  step(`bench ${name}`);
  const stop = new AbortController();
  const onInterrupt = () => stop.abort(new ServiceError("CANCELLED", "interrupted"));
  process.once("SIGINT", onInterrupt);
  const timer = setTimeout(() => stop.abort(new ServiceError("DEADLINE", `bench ${name} took more than ${limit} s`)), limit * 1000);
  try {
    const report = await benchmark.run({ step, signal: stop.signal, count });
    printReport(report);
    step(`wrote ${await saveReport(name, report, "out/bench")}`);
    if (document) step(`wrote ${await documentReport(name, report, "docs/results", `node loadtest/main.ts bench ${name} --document`)}`);
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", onInterrupt);
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a positive whole number, please");
  return value;
}
