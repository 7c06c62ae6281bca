import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { ConversationService } from "@troupe/contracts";
import { createClient } from "@troupe/rpc";
import { createLogger } from "@troupe/service";
import type { Command } from "commander";
import { ask, type Converse, type Turn } from "../ask/ask.ts";
import { type Question, readQuestion } from "../ask/question.ts";
import type { RecordingSummary } from "../ask/recording.ts";
import { startEmbedded } from "../embedded.ts";
import { progress } from "../progress.ts";

interface Options {
  readonly avatar: string;
  readonly out: string;
  readonly tenant: string;
  readonly language: string;
  readonly asap: boolean;
  readonly captions: boolean;
  readonly size: string;
  readonly fps: string;
  readonly gateway?: string;
}

export function addAsk(program: Command): void {
  program
    .command("ask")
    .argument("<question...>", "a .wav file or text; several are asked one after the other in one conversation")
    .description("ask an avatar, and record its answer as a video")
    .option("--avatar <name>", "who answers", "mara")
    .option("--out <file>", "where the video goes; the same name with .json gets the facts", "out/answer.mp4")
    .option("--tenant <name>", "whose knowledge is used", "demo")
    .option("--language <tag>", "language of the question (BCP-47); default: recognised", "")
    .option("--asap", "as fast as possible instead of in real time", false)
    .option("--no-captions", "no captions in the picture")
    .option("--size <WxH>", "size of the picture", "512x512")
    .option("--fps <n>", "25 or 30", "25")
    .option("--gateway <host:port>", "use a running gateway; default: everything in this process")
    .action(runAsk);
}

async function runAsk(given: readonly string[], options: Options): Promise<void> {
  const show = progress();
  const questions = await Promise.all(given.map(readQuestion));
  const [width = 512, height = 512] = options.size.split("x").map(Number);
  await using connection = options.gateway ? remote(options.gateway) : await embedded(show.step);
  const result = await ask(connection.converse, questions, {
    tenant: options.tenant,
    avatar: options.avatar,
    language: options.language,
    asap: options.asap,
    width,
    height,
    framesPerSecond: Number(options.fps),
    captions: options.captions,
    onEvent: show.event,
  });
  await mkdir(dirname(options.out), { recursive: true });
  const title = result.turns[0]?.transcript ?? "";
  const summary = await result.recording.write(options.out, result.firstAnswerUs, title);
  const facts = factsOf(result.turns, summary, options.asap);
  const factsPath = `${options.out.slice(0, options.out.length - extname(options.out).length)}.json`;
  await writeFile(factsPath, `${JSON.stringify(facts, null, 2)}\n`);
  printTurns(result.turns, questions);
  console.log(`\nvideo      ${options.out} (${(summary.durationMs / 1000).toFixed(1)} s)\nfacts      ${factsPath}`);
}

/** The first turn's facts, and all turns where there are several. */
function factsOf(turns: readonly Turn[], summary: RecordingSummary, asap: boolean) {
  const { video, audio } = summary;
  return { ...turns[0], feed: asap ? "asap" : "realtime", video, audio, ...(turns.length > 1 ? { turns } : {}) };
}

function printTurns(turns: readonly Turn[], questions: readonly Question[]): void {
  for (const [index, turn] of turns.entries()) {
    const heard = questions[index]?.kind === "audio" ? "heard" : "typed";
    console.log(`\n${heard}      ${turn.transcript}`);
    console.log(`answer     ${turn.answer}`);
    for (const citation of turn.citations) console.log(`source     ${citation.title} (${citation.document}): ${citation.quote}`);
    if (turn.abstained) console.log("           (no source answers this, and it said so)");
    const stages = Object.entries(turn.stagesMs).filter(([, ms]) => ms !== null);
    console.log(`stages     ${stages.map(([stage, ms]) => `${stage} ${ms} ms`).join(" · ")}`);
    const first =
      turn.firstSoundMs === null
        ? ""
        : `first sound ${turn.firstSoundMs} ms, first frame ${turn.firstFrameMs ?? "-"} ms after the question · `;
    console.log(`timing     ${first}real-time factor ${turn.realTimeFactor}`);
  }
}

interface Connection extends AsyncDisposable {
  readonly converse: Converse;
}

function remote(address: string): Connection {
  const client = createClient(ConversationService, address);
  return {
    converse: (requests, signal) => client.converse(requests, { signal }),
    [Symbol.asyncDispose]: async () => client[Symbol.dispose](),
  };
}

async function embedded(step: (text: string) => void): Promise<Connection> {
  const logger = createLogger("troupe", process.env["TROUPE_LOG_LEVEL"] ?? "error");
  step("loading models");
  return await startEmbedded({
    env: process.env,
    logger,
    onLoaded: (part, ms) => step(`loaded ${part} in ${Math.round(ms)} ms`),
  });
}
