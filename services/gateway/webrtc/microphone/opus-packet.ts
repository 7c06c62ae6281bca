/** Frame sizes of the 32 configurations, in samples of 48 kHz (RFC 6716 §3.1, table 2). */
function frameSamples(configuration: number): number {
  if (configuration < 12) return [480, 960, 1920, 2880][configuration % 4] as number;
  if (configuration < 16) return configuration % 2 === 0 ? 480 : 960;
  return [120, 240, 480, 960][configuration % 4] as number;
}

/** Length of an Opus packet's sound at 48 kHz, at most 5,760 samples; undefined where it is malformed. */
export function opusSamples(packet: Uint8Array): number | undefined {
  const [toc, count] = packet;
  if (toc === undefined) return undefined;
  const frames = [1, 2, 2, count === undefined ? 0 : count & 0x3f][toc & 3] as number;
  const samples = frames * frameSamples(toc >> 3);
  return samples > 0 && samples <= 5760 ? samples : undefined;
}
