import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

export interface CpuAllowance {
  /** What the process may use at once: its processors, or less where its control group has a quota (cgroup v2, cpu.max). */
  readonly millicores: number;
  readonly model: string;
}

export function cpuAllowance(): CpuAllowance {
  return { millicores: Math.min(availableParallelism() * 1000, quotaMillicores()), model: cpus()[0]?.model.trim() ?? "" };
}

function quotaMillicores(): number {
  try {
    const [quota, period] = readFileSync("/sys/fs/cgroup/cpu.max", "utf8").trim().split(" ");
    return quota === "max" ? Number.POSITIVE_INFINITY : Math.round((Number(quota) / Number(period)) * 1000) || Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
