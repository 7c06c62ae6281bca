import { constants } from "node:fs";
import { copyFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { testbedEnvironment } from "../environment.ts";
import { platformImage } from "../images/platform-image.ts";
import { programPath } from "../programs/program-cache.ts";
import { type ProgramName, programs } from "../programs/program-table.ts";

export function addBuild(program: Command): void {
  program.command("programs").description("build (or unpack) every program of the test bed, and say where they are").action(buildPrograms);
  program
    .command("images")
    .description("build the image that runs every service")
    .option("--tag <tag>", "the image is localhost/troupe:<tag>", "dev")
    .option("--out <folder>", "copy the archive and its bill of materials there")
    .action(buildImages);
}

async function buildPrograms(): Promise<void> {
  const options = { ...testbedEnvironment(), signal: new AbortController().signal, log: (line: string) => console.log(line) };
  for (const name of Object.keys(programs) as ProgramName[]) console.log(`${name.padEnd(12)} ${await programPath(name, options)}`);
}

async function buildImages({ tag, out }: { readonly tag: string; readonly out?: string }): Promise<void> {
  const { cacheDir } = testbedEnvironment();
  const image = await platformImage({ cacheDir, tag, signal: new AbortController().signal, log: (line) => console.log(line) });
  const { size } = await stat(image.path);
  console.log(`${image.reference}  ${image.path}  ${(size / 1e6).toFixed(0)} MB\nbill of materials  ${image.billOfMaterials}`);
  if (!out) return;
  await mkdir(out, { recursive: true });
  await copyFile(image.path, join(out, `troupe-${tag}.tar`), constants.COPYFILE_FICLONE);
  await copyFile(image.billOfMaterials, join(out, `troupe-${tag}.cdx.json`));
}
