import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AudioCodec } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Embedded } from "@troupe/troupe";
import { z } from "zod";
import { correlate } from "./correlation.ts";
import { readMovement } from "./lip-lag.ts";
import { renderClip } from "./rendered-clip.ts";

/**
 * "ma": the lips part as the vowel begins, so that mouth and loudness rise together in any speaker. Pauses differ.
 */
export const calibrationText =
  "Mama. Mama mama ma. Ma, mama mama. Mama mama mama mama. Ma. Ma ma. Mama, mama mama ma. Mama mama. Ma, ma, mama mama mama.";
/** Mouth and sound are in step, so the lag is looked for close by; one syllable further the same sound comes again. */
const maxBiasMs = 120;
const minPeak = 0.6;
const avatars = ["mara", "pico"] as const;
const path = join(import.meta.dirname, "calibration.json");

const calibrationSchema = z.object({
  /** How to obtain it. */
  method: z.string(),
  text: z.string(),
  /** What is measured where sound and picture are in step; taken off every measurement. */
  biasMs: z.number(),
  clips: z.array(z.object({ avatar: z.string(), lagMs: z.number(), peak: z.number() })),
});
export type Calibration = z.infer<typeof calibrationSchema>;

export async function readCalibration(): Promise<Calibration> {
  return calibrationSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

/** Renders the calibration clips, with sound that went through no encoder, and measures the method's bias. @throws ServiceError BACKEND_FAILED */
export async function calibrate(platform: Embedded, signal: AbortSignal): Promise<Calibration> {
  const clips: Calibration["clips"] = [];
  for (const avatar of avatars) {
    const clip = await renderClip(platform.converse, { text: calibrationText, avatar, audioCodec: AudioCodec.PCM16, signal });
    const { mouth, voice } = await readMovement(clip);
    const { lagMs, peak } = correlate(mouth, voice, maxBiasMs);
    if (peak < minPeak) throw new ServiceError("BACKEND_FAILED", `mouth and voice of ${avatar} do not go together: r ${peak.toFixed(2)}`);
    clips.push({ avatar, lagMs: round(lagMs, 1), peak: round(peak, 3) });
  }
  return {
    method: "node loadtest/main.ts av-offset --calibrate: mean lag of the text said by each avatar, 25 fps, PCM as the presenter gave it",
    text: calibrationText,
    biasMs: round(clips.reduce((sum, { lagMs }) => sum + lagMs, 0) / clips.length, 1),
    clips,
  };
}

export async function writeCalibration(calibration: Calibration): Promise<string> {
  await writeFile(path, `${JSON.stringify(calibration, null, 2)}\n`);
  return path;
}

const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits;
