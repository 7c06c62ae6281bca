/**
 * Memory that each model takes on a CPU, in MiB: resident memory of its stage's process at its highest while it loads, less that of
 * the process before (one inference thread, Linux x86-64, two cores, one process at a time). Models that no stage loads without
 * further programs are not here.
 */
export const cpuMemoryMebibytes: Readonly<Record<string, number>> = {
  "e5-multilingual": 563,
  "hibari-en": 380,
  kokoro: 308,
  "mouth-net": 87,
  "noto-sans-sc": 12,
  "piper-joe": 495,
  "whisper-base": 395,
  "whisper-tiny-en": 309,
};
