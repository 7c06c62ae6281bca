import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asrConfig } from "@troupe/asr";
import { compositorConfig } from "@troupe/compositor";
import { faceConfig } from "@troupe/face";
import { gatewayConfig } from "@troupe/gateway";
import { llmConfig } from "@troupe/llm";
import { operatorConfig } from "@troupe/operator";
import { platformConfig } from "@troupe/service";
import { ttsConfig } from "@troupe/tts";
import type { z } from "zod";
import { chartFiles } from "../chart/chart-files.ts";
import { kindFiles } from "../kinds/kind-files.ts";
import { observabilityFiles } from "../observability/observability-files.ts";
import { dataPathSvg } from "./data-path-svg.ts";
import { errorsPage } from "./errors-page.ts";
import { licencesPage } from "./licences-page.ts";
import { metricsPage } from "./metrics-page.ts";
import { optionsTable, withOptions } from "./options-table.ts";

export const root = join(import.meta.dirname, "../..");

const services: Readonly<Record<string, z.ZodObject>> = {
  asr: asrConfig,
  llm: llmConfig,
  tts: ttsConfig,
  face: faceConfig,
  compositor: compositorConfig,
  gateway: gatewayConfig,
  operator: operatorConfig,
};

/** Every generated document by its path in the repository. */
export async function generatedDocs(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map([
    ["docs/errors.md", errorsPage()],
    ["docs/metrics.md", await metricsPage()],
    ["docs/model-licences.md", await licencesPage(root)],
    ["docs/data-path.svg", dataPathSvg()],
    ...(await kindFiles(root)),
    ...(await chartFiles(root)),
    ...observabilityFiles(),
    ["libs/service/README.md", await readmeWith("libs/service/README.md", optionsTable(platformConfig))],
  ]);
  for (const [service, schema] of Object.entries(services)) {
    const path = `services/${service}/README.md`;
    pages.set(path, await readmeWith(path, optionsTable(schema, platformConfig)));
  }
  return pages;
}

async function readmeWith(path: string, table: string): Promise<string> {
  return withOptions(await readFile(join(root, path), "utf8"), table);
}
