import { readFile } from "node:fs/promises";
import { ServiceError } from "@troupe/errors";
import { printTable, step } from "@troupe/report";
import type { Command } from "commander";
import { startSilently } from "../platform/embedded.ts";
import { calibrate, readCalibration, writeCalibration } from "./calibration.ts";
import { readMedia } from "./media-file.ts";
import { measureOffset, type Offset, selftest } from "./offset.ts";

interface Options {
  readonly selftest: boolean;
  readonly calibrate: boolean;
  readonly json: boolean;
}

export function addAvOffset(program: Command): void {
  program
    .command("av-offset")
    .argument("[file]", "a video with a talking face, e.g. an MP4; at most its first 120 s are measured")
    .description("measure how late a video's sound is against its mouth, from pixels and samples alone")
    .option("--selftest", "shift the file's sound by known amounts and measure that; shuffle it, and find no lock", false)
    .option("--calibrate", "render the calibration clips anew and write the method's bias to loadtest/av-offset/calibration.json", false)
    .option("--json", "print the result as JSON", false)
    .action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  if (options.calibrate) return await recalibrate();
  if (!file) throw new ServiceError("INVALID_REQUEST", "which file?");
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new ServiceError("INVALID_REQUEST", `cannot read ${file}`, { cause });
  });
  const media = await readMedia(new Uint8Array(bytes));
  const { biasMs } = await readCalibration();
  if (options.selftest) return await runSelftest(media, biasMs);
  const offset = await measureOffset(media, biasMs);
  if (options.json) console.log(JSON.stringify({ biasMs, ...offset }, null, 2));
  else print(offset, biasMs);
  if (!offset.lock) process.exitCode = 2;
}

function print(offset: Offset, biasMs: number): void {
  const { peak, nextPeak, sigmas, chance, mouth } = offset.lag;
  console.log(offset.lock ? `offset      ${signed(offset.offsetMs)} ms (positive: the sound is late)` : "offset      no lock");
  console.log(
    `confidence  r ${peak.toFixed(2)}, next peak ${nextPeak.toFixed(2)}, ${sigmas.toFixed(1)} sigma over chance (p <= ${chance.toFixed(3)})`,
  );
  console.log(`mouth       at ${Math.round(mouth.x * 100)} % of the width, ${Math.round(mouth.y * 100)} % of the height`);
  console.log(`bias        ${signed(biasMs)} ms of the method taken off (loadtest/av-offset/calibration.json)`);
}

async function runSelftest(media: Parameters<typeof selftest>[0], biasMs: number): Promise<void> {
  const result = await selftest(media, biasMs, step);
  printTable(
    ["shift ms", "recovered ms", "passed"],
    result.shifts.map(({ shiftMs, recoveredMs, passed }) => [shiftMs, recoveredMs?.toFixed(1) ?? "no lock", passed ? "yes" : "NO"]),
  );
  const { shuffled } = result;
  console.log(`sound in shuffled blocks of 0.5 s: ${shuffled.lock ? `LOCKS at ${signed(shuffled.offsetMs)} ms` : "no lock"}`);
  if (!result.passed) process.exitCode = 1;
}

async function recalibrate(): Promise<void> {
  step("loading models");
  await using platform = await startSilently({ asr: "stub", llm: "stub" });
  step("rendering the calibration clips");
  const calibration = await calibrate(platform, AbortSignal.timeout(120_000));
  const path = await writeCalibration(calibration);
  printTable(
    ["avatar", "lag ms", "r"],
    calibration.clips.map(({ avatar, lagMs, peak }) => [avatar, lagMs, peak]),
  );
  console.log(`bias ${signed(calibration.biasMs)} ms, written to ${path}`);
}

const signed = (ms: number) => `${ms >= 0 ? "+" : ""}${ms.toFixed(1)}`;
