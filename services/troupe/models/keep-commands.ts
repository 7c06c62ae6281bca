import { collectGarbage, resolveName, signManifest } from "@troupe/model-store";
import type { Command } from "commander";
import { describeBytes } from "./amounts.ts";
import { type ModelFolders, withFolders } from "./model-folders.ts";

export function addKeep(models: Command): void {
  withFolders(models.command("gc"))
    .option("--dry-run", "only say what would go", false)
    .description("remove from the cache what no manifest names, and what broken-off pulls left over a day ago")
    .addHelpText("after", "\nModels of another checkout in the same cache are unknown to these manifests and go, too.")
    .action(gc);
  withFolders(models.command("sign"))
    .argument("<name>", "an id or an alias")
    .requiredOption("--key <file>", "an Ed25519 private key, PEM: openssl genpkey -algorithm ed25519 -out key.pem")
    .description("sign a manifest, which names every file by sha256, for a policy that asks for signatures")
    .action(sign);
}

async function gc(options: ModelFolders & { readonly dryRun: boolean }): Promise<void> {
  const { manifests: manifestDir, cache: cacheDir, dryRun } = options;
  const garbage = await collectGarbage({ manifestDir, cacheDir, dryRun, nowMs: Date.now() });
  for (const { path, sizeBytes, reason } of garbage)
    console.log(`${dryRun ? "would remove" : "removed"} ${path}, ${describeBytes(sizeBytes)}: ${reason}`);
  if (garbage.length === 0) console.log(`nothing to remove in ${cacheDir}`);
}

async function sign(name: string, options: ModelFolders & { readonly key: string }): Promise<void> {
  const { id } = await resolveName(options.manifests, name);
  const publicKey = await signManifest(options.manifests, id, options.key);
  console.log(`signed ${id}; sign again after each change. For policy.json:\n{ "requireSignature": ["${publicKey}"] }`);
}
