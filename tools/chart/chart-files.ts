import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { withOptions } from "../docs/options-table.ts";
import { carriedIn } from "./air-gapped.ts";
import { modelObjects, readManifests } from "./model-objects.ts";
import { valuesSchema, valuesTable } from "./values-page.ts";

const folder = "charts/troupe";

/** Every file of the chart that is generated, except the kinds, by its path in the repository. */
export async function chartFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const read = (name: string) => readFile(join(root, folder, name), "utf8");
  const [chart, values, airGapped, readme] = await Promise.all(
    ["Chart.yaml", "values.yaml", "values-air-gapped.yaml", "README.md"].map(read),
  );
  const manifests = await readManifests(root);
  return new Map([
    [`${folder}/values.schema.json`, valuesSchema()],
    [`${folder}/files/models.json`, json(modelObjects(manifests))],
    [`${folder}/air-gapped.json`, json(carriedIn(chart ?? "", values ?? "", airGapped ?? "", manifests))],
    [`${folder}/README.md`, withOptions(readme ?? "", valuesTable(parse(values ?? "")))],
  ]);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
