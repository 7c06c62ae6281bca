import { copyFile, link, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureRequirements, runRecipe } from "../conversion.ts";
import type { ModelFile } from "../manifest.ts";
import type { PullContext } from "../pull-context.ts";
import { localFirst } from "./local-first.ts";

/**
 * Runs a model's recipes, each once, over its inputs and those of its wanted files that are not converted themselves.
 * @param bring gives the path of a verified file
 * @returns a function from the name of a recipe to the folder of what it wrote
 */
export function createRecipes(
  context: PullContext,
  wanted: readonly ModelFile[],
  bring: (file: ModelFile) => Promise<string>,
): (recipe: string) => Promise<string> {
  const inputDir = join(context.workDir, "input");
  const inputs = [...(context.manifest.conversionInputs ?? []), ...wanted.filter((file) => file.sources.every(isDownload))];
  const outputs = new Map<string, Promise<string>>();
  let gathered: Promise<void> | undefined;

  async function gather(): Promise<void> {
    for (const file of localFirst(inputs)) {
      const to = join(inputDir, file.path);
      await mkdir(dirname(to), { recursive: true });
      const from = await bring(file);
      await link(from, to).catch(() => copyFile(from, to));
    }
  }

  return (recipe) => {
    gathered ??= gather();
    const output = outputs.get(recipe) ?? gathered.then(() => convert(context, recipe, inputDir));
    outputs.set(recipe, output);
    return output;
  };
}

function isDownload(source: ModelFile["sources"][number]): boolean {
  return source.kind !== "conversion";
}

async function convert(context: PullContext, recipe: string, inputDir: string): Promise<string> {
  const { id, conversionRequirements: requirements = [] } = context.manifest;
  const { env, signal } = context;
  let requirementsDir: string | undefined;
  if (requirements.length > 0) {
    context.report({ kind: "installing", id, requirements });
    const startMs = performance.now();
    requirementsDir = await ensureRequirements(context.cacheDir, requirements, context);
    context.report({ kind: "installed", id, installMs: performance.now() - startMs });
  }
  context.report({ kind: "converting", id, recipe });
  const startMs = performance.now();
  const outputDir = join(context.workDir, "output", recipe);
  await runRecipe({ recipe: join(context.sourceDir, recipe), inputDir, outputDir, requirementsDir, env, signal });
  context.report({ kind: "converted", id, recipe, convertMs: performance.now() - startMs });
  return outputDir;
}
