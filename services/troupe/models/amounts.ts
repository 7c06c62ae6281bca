/** 1 MB = 10^6 bytes, as package registries say it. */
export function describeBytes(sizeBytes: number): string {
  if (sizeBytes < 1e3) return `${sizeBytes} B`;
  if (sizeBytes < 1e6) return `${(sizeBytes / 1e3).toFixed(1)} kB`;
  if (sizeBytes < 1e9) return `${(sizeBytes / 1e6).toFixed(1)} MB`;
  return `${(sizeBytes / 1e9).toFixed(2)} GB`;
}

export function describeSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
