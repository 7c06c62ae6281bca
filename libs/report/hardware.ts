import { availableParallelism, cpus, release, totalmem } from "node:os";

/** What a figure was measured on. */
export function describeHardware(): string {
  const model = cpus()[0]?.model ?? process.arch;
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  return `${model}, ${availableParallelism()} CPUs, ${memoryGib} GiB; ${process.platform} ${release()}; Node ${process.versions.node}`;
}
