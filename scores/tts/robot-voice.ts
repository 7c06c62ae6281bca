import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readWav } from "@troupe/audio";
import type { Spoken } from "./spoken.ts";

const run = promisify(execFile);

/** espeak-ng's formant synthesiser as a baseline; undefined where the program is not installed. */
export async function robotSpeaks(text: string, language: "en" | "zh"): Promise<Pick<Spoken, "samples" | "sampleRateHz"> | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "robot-"));
  try {
    const path = join(folder, "speech.wav");
    await run("espeak-ng", ["-v", language === "en" ? "en-us" : "cmn", "-w", path, "--", text]);
    const { samples, sampleRateHz } = readWav(await readFile(path));
    return { samples, sampleRateHz };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw thrown;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
