import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chartCrds } from "./chart-crds.ts";
import { readCrds } from "./crd.ts";
import { referencePage } from "./reference-page.ts";
import { typesSource } from "./types-source.ts";

/** Every file that is made from the kinds' sources, by its path in the repository. */
export async function kindFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const crds = await readCrds(root);
  const examples = new Map(
    await Promise.all(
      crds.map(async ({ file }) => [file, await readFile(join(root, `libs/kinds/examples/${file}.yaml`), "utf8")] as const),
    ),
  );
  return new Map([
    ...under("libs/kinds/gen", typesSource(crds)),
    ["docs/reference/kinds.md", referencePage(crds, examples)],
    ...under("charts/troupe", chartCrds(crds)),
  ]);
}

const under = (folder: string, files: ReadonlyMap<string, string>) =>
  [...files].map(([path, text]) => [`${folder}/${path}`, text] as const);
