import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ServiceError } from "@troupe/errors";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { step } from "@troupe/report";
import { runProgram } from "@troupe/service";
import { Command, InvalidArgumentError } from "commander";
import { asrGuardScores, asrMandarinScores, asrScores, asrSpeedScores } from "./asr/asr.ts";
import { endpointingScores } from "./asr/endpointing.ts";
import { faceScores } from "./face/face.ts";
import { faceAudioScores } from "./face-audio/face-audio.ts";
import { llmScores } from "./llm/llm.ts";
import type { Score, ScoreArea } from "./score.ts";
import { documentScores, printScores, saveScores } from "./score-report.ts";
import { ttsMandarinScores, ttsScores } from "./tts/tts.ts";

const areas: readonly ScoreArea[] = [
  ttsScores,
  ttsMandarinScores,
  asrScores,
  asrGuardScores,
  asrMandarinScores,
  asrSpeedScores,
  endpointingScores,
  faceScores,
  faceAudioScores,
  llmScores,
];

interface Options {
  readonly limit?: number;
  readonly document: boolean;
}

const program = new Command("scores")
  .description("Measures how good the default models are; figures go to out/score.json (`make score`).")
  .argument("[areas...]", `some of: ${areas.map(({ name }) => name).join(", ")}; default: all`)
  .option("--limit <n>", "take only so many items of each set", positive)
  .option("--document", "also write docs/results/score-<area>.md", false)
  .showHelpAfterError()
  .action(score);

async function score(names: readonly string[], { limit, document }: Options): Promise<void> {
  const unknown = names.find((name) => !areas.some((area) => area.name === name));
  if (unknown !== undefined) throw new ServiceError("INVALID_REQUEST", `there is no area "${unknown}"; see --help`);
  const cacheDir = defaultCacheDir(process.env, homedir());
  const models = createModelStore({ manifestDir: fileURLToPath(new URL("../models", import.meta.url)), cacheDir });
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new ServiceError("CANCELLED", "interrupted")));
  for (const area of areas.filter(({ name }) => names.length === 0 || names.includes(name))) {
    step(`${area.name}: ${area.description}`);
    const outDir = join("out", "score", area.name);
    await mkdir(outDir, { recursive: true });
    const scores: Score[] = [];
    const context = { models, cacheDir, outDir, limit, step: (text: string) => step(`${area.name}: ${text}`), signal: stop.signal };
    for await (const found of area.measure(context)) {
      step(`${area.name}: ${found.what}: ${found.value.toFixed(1)} ${found.unit}`);
      scores.push(found);
      // Kept at once: a long run that is interrupted leaves what it has.
      await saveScores(area.name, scores, "out/score.json", limit);
    }
    printScores(area, scores);
    step(`wrote ${await saveScores(area.name, scores, "out/score.json", limit)}`);
    if (document) step(`wrote ${await documentScores(area, scores, "docs/results")}`);
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a positive whole number, please");
  return value;
}

await runProgram(() => program.parseAsync());
