import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadAvatar, renderPreviewSheet } from "@troupe/compositor";
import type { Command } from "commander";
import { root } from "../places.ts";

const defaultDir = join(root, "models", "avatars");

export function addAvatar(program: Command): void {
  const avatar = program.command("avatar").description("look at and check avatars");
  avatar.command("list").description("avatars that are installed").option("--dir <folder>", "where they are", defaultDir).action(list);
  avatar
    .command("validate")
    .argument("<name>")
    .description("check an avatar against the asset schema")
    .option("--dir <folder>", "where it is", defaultDir)
    .action(async (name: string, options: { readonly dir: string }) => {
      const asset = await loadAvatar(options.dir, name);
      console.log(`${asset.name} ${asset.version} is valid: ${asset.layers.length} layers, ${asset.licence}, by ${asset.author}`);
    });
  avatar
    .command("preview")
    .argument("<name>")
    .description("a picture of an avatar's expressions and mouth shapes")
    .option("--dir <folder>", "where it is", defaultDir)
    .option("--out <file>", "where the picture goes", "out/preview.png")
    .action(async (name: string, options: { readonly dir: string; readonly out: string }) => {
      const sheet = renderPreviewSheet(await loadAvatar(options.dir, name));
      await mkdir(dirname(options.out), { recursive: true });
      await writeFile(options.out, sheet);
      console.log(`wrote ${options.out}`);
    });
}

async function list(options: { readonly dir: string }): Promise<void> {
  for (const entry of await readdir(options.dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const asset = await loadAvatar(options.dir, entry.name);
    console.log(
      `${asset.name.padEnd(12)} ${asset.version.padEnd(8)} ${asset.title}; voices ${Object.entries(asset.voices)
        .map(([language, voice]) => `${language}: ${voice}`)
        .join(", ")}`,
    );
  }
}
