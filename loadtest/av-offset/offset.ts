import { type LipLag, measureLipLag } from "./lip-lag.ts";
import type { MediaFile } from "./media-file.ts";
import { readMedia } from "./media-file.ts";
import { shiftSound, shuffleSound, writeMp4 } from "./remux.ts";

export type Offset =
  /** Positive: the sound is late. */
  ({ readonly lock: true; readonly offsetMs: number } | { readonly lock: false }) & { readonly lag: LipLag };

/** How late the sound is, with the method's bias taken off; no number where mouth and sound do not belong together. */
export async function measureOffset(media: MediaFile, biasMs: number): Promise<Offset> {
  const lag = await measureLipLag(media);
  return lag.lock ? { lock: true, offsetMs: lag.lagMs - biasMs, lag } : { lock: false, lag };
}

export const selftestShiftsMs = [-200, -160, -120, -80, -40, 0, 40, 80, 120, 160, 200] as const;
export const selftestToleranceMs = 20;
const shuffledBlockMs = 500;

export interface SelftestResult {
  readonly shifts: readonly { readonly shiftMs: number; readonly recoveredMs: number | undefined; readonly passed: boolean }[];
  /** With its sound in shuffled blocks. */
  readonly shuffled: Offset;
  readonly passed: boolean;
}

/** Moves a file's sound by known amounts, writes each as a file and measures it; a file with shuffled sound must show no lock. */
export async function selftest(
  media: MediaFile,
  biasMs: number,
  onStep: (text: string) => void = () => undefined,
): Promise<SelftestResult> {
  const again = async (changed: MediaFile) => await measureOffset(await readMedia(await writeMp4(changed)), biasMs);
  const original = await again(media);
  const shifts: SelftestResult["shifts"][number][] = [];
  for (const shiftMs of selftestShiftsMs) {
    const found = await again(shiftSound(media, shiftMs));
    const recoveredMs = found.lock && original.lock ? found.offsetMs - original.offsetMs : undefined;
    shifts.push({ shiftMs, recoveredMs, passed: recoveredMs !== undefined && Math.abs(recoveredMs - shiftMs) <= selftestToleranceMs });
    onStep(`shifted by ${shiftMs} ms`);
  }
  const shuffled = await again(shuffleSound(media, shuffledBlockMs, 1));
  return { shifts, shuffled, passed: shifts.every(({ passed }) => passed) && !shuffled.lock };
}
