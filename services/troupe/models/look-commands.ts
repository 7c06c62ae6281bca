import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { inspectModels, type ModelStatus, readAliases, readGraphTensors, readManifest, readPacks, resolveName } from "@troupe/model-store";
import { printTable } from "@troupe/report";
import type { Command } from "commander";
import { describeBytes } from "./amounts.ts";
import { describeCard } from "./model-card.ts";
import { type ModelFolders, withFolders } from "./model-folders.ts";

export function addLook(models: Command): void {
  withFolders(models.command("list")).description("models that have a manifest, and whether they are in the cache").action(list);
  withFolders(models.command("verify"))
    .argument("[names...]", "ids or aliases; default: every model, of which those not pulled are no failure")
    .description("read every byte: sha256, tensors of graphs, policy")
    .action(verify);
  withFolders(models.command("card"))
    .argument("<name>", "an id or an alias")
    .description("what a model is: facts of its manifest, and its card")
    .action(card);
  models
    .command("tensors")
    .argument("<file>", "an ONNX file")
    .description("inputs and outputs of a graph, as they stand in a manifest")
    .action(tensors);
}

async function list(options: ModelFolders): Promise<void> {
  const { manifests: manifestDir, cache: cacheDir } = options;
  const [statuses, aliases, packs] = await Promise.all([
    inspectModels({ manifestDir, cacheDir, thorough: false }),
    readAliases(manifestDir),
    readPacks(manifestDir),
  ]);
  const namesOf = (id: string, table: Readonly<Record<string, string | readonly string[]>>) =>
    Object.entries(table)
      .filter(([, value]) => [value].flat().some((name) => name.split(":", 1)[0] === id))
      .map(([name]) => name)
      .join(" ");
  const rows = statuses.map(({ id, manifest, state, sizeBytes }) => [
    id,
    manifest?.stage ?? "",
    describeLanguages(manifest?.languages ?? []),
    describeBytes(sizeBytes),
    manifest?.license ?? "",
    namesOf(id, packs),
    state,
    namesOf(id, aliases),
  ]);
  printTable(["model", "stage", "languages", "size", "licence", "pack", "state", "aliases"], rows);
  for (const status of statuses.filter(isBroken))
    console.log(`\n${status.id} is ${status.state}: ${shorten(status.details).join("; ")}\n  ${nextStep(status)}`);
}

async function verify(names: readonly string[], options: ModelFolders): Promise<void> {
  const { manifests: manifestDir, cache: cacheDir } = options;
  const found = await Promise.all(names.map((name) => resolveName(manifestDir, name)));
  const ids = found.length > 0 ? [...new Set(found.map(({ id }) => id))] : undefined;
  const statuses = await inspectModels({ manifestDir, cacheDir, ids, thorough: true });
  for (const status of statuses) {
    console.log(`${status.state.padEnd(8)} ${status.id}`);
    for (const detail of shorten(status.details)) console.log(`         ${detail}`);
    if (status.state !== "present") console.log(`         -> ${nextStep(status)}`);
  }
  if (statuses.some((status) => isBroken(status) || (ids && status.state !== "present"))) process.exitCode = 1;
}

async function card(name: string, options: ModelFolders): Promise<void> {
  const { id } = await resolveName(options.manifests, name);
  const manifest = await readManifest(options.manifests, id);
  const text = await readFile(join(options.manifests, id, "card.md"), "utf8").catch(() => undefined);
  console.log(describeCard(manifest, text));
}

/** @throws ServiceError MODEL_CORRUPT when the file holds no graph */
function tensors(file: string): void {
  const found = readGraphTensors(file);
  if (typeof found === "string") throw new ServiceError("MODEL_CORRUPT", `${file}: ${found}`);
  console.log(JSON.stringify(found, null, 2));
  for (const { name, type, shape } of [...found.inputs, ...found.outputs]) {
    if (!type || !shape) console.error(`the graph does not say type and shape of ${name}; a manifest has to`);
  }
}

/** A model of many files that are all missing need not fill a screen. */
function shorten(details: readonly string[]): readonly string[] {
  return details.length > 4 ? [...details.slice(0, 3), `and ${details.length - 3} more`] : details;
}

function isBroken({ state }: ModelStatus): boolean {
  return state === "corrupt" || state === "refused" || state === "invalid";
}

function nextStep({ id, state }: ModelStatus): string {
  if (state === "refused") return "choose another model, or change policy.json";
  if (state === "invalid") return "correct its manifest";
  return `troupe models pull ${id}`;
}

function describeLanguages(languages: readonly string[]): string {
  return languages.length > 4 ? `${languages.slice(0, 2).join(" ")} and ${languages.length - 2} more` : languages.join(" ");
}
