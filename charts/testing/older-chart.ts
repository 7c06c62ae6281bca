import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chart, type Helm } from "./helm.ts";

export const olderVersion = "0.0.9";

/**
 * The chart as it was one release ago: an older image, and a kind that lacks one field.
 * @returns path of the packaged chart
 */
export async function packageOlderChart(helm: Helm, folder: string): Promise<string> {
  const source = join(folder, "older", "troupe");
  await cp(chart, source, { recursive: true });
  await rewrite(join(source, "Chart.yaml"), [
    [/^version: .*$/mu, `version: ${olderVersion}`],
    [/^appVersion: .*$/mu, `appVersion: ${olderVersion}`],
  ]);
  await rewrite(join(source, "templates/crds/stage-pool.yaml"), [[/^( +)warmReplicas:\n(?:\1 +.*\n)+/mu, ""]]);
  await helm.run("package", source, "--destination", folder);
  return join(folder, `troupe-${olderVersion}.tgz`);
}

/** @throws Error when something is not there to be rewritten */
async function rewrite(path: string, changes: readonly (readonly [RegExp, string])[]): Promise<void> {
  let text = await readFile(path, "utf8");
  for (const [pattern, replacement] of changes) {
    if (!pattern.test(text)) throw new Error(`${path} has no ${pattern}`);
    text = text.replace(pattern, replacement);
  }
  await writeFile(path, text);
}
