/**
 * Memory that each model takes on a CPU, in MiB: resident memory of its stage's process at its highest while it loads, less that of
 * the process before.
 */
export const cpuMemoryMebibytes: Readonly<Record<string, number>> = {
  "whisper-base": 1,
};
