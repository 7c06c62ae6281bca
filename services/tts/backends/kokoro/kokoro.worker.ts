import { readFileSync } from "node:fs";
import { serveExecutor } from "@troupe/executor";
import type { Prosody } from "../../prosody/prosody.ts";
import { shapeWave } from "../../prosody/shape-wave.ts";
import type { Pronunciation } from "../backend.ts";
import { createClauseReader } from "./clause-reader.ts";
import { cutWindow, type DecoderWindow } from "./decoder-window.ts";
import type { KokoroFiles } from "./model-files.ts";
import { createNetworks, type Networks } from "./networks.ts";
import { shapePitch } from "./pitch-shaping.ts";
import { type RunPlan, sampleRateHz } from "./signal-format.ts";
import { cutRuns, type SpeechRun } from "./speech-run.ts";
import { createVoiceStyles } from "./voice-styles.ts";

export interface WorkerData {
  readonly files: KokoroFiles;
  /** Threads inside one run. */
  readonly runThreads: number;
}

export interface ReadRequest {
  readonly text: string;
  /** Languages of the voice, BCP-47. */
  readonly languages: readonly string[];
  /** The tenant's. */
  readonly pronunciations: readonly Pronunciation[];
}

export interface PlanRequest {
  readonly run: SpeechRun;
  readonly voice: string;
  readonly prosody: Prosody;
}

export interface SoundRequest {
  readonly window: DecoderWindow;
  readonly voice: string;
  /** Of the run. */
  readonly symbols: number;
  readonly prosody: Prosody;
}

/** The methods of a worker. */
export interface KokoroApi {
  read(request: ReadRequest): Promise<{ readonly words: readonly string[]; readonly runs: readonly SpeechRun[] }>;
  plan(request: PlanRequest): Promise<RunPlan>;
  sound(request: SoundRequest): Promise<Float32Array>;
  /** Milliseconds that a frame of sound costs here. */
  measure(argument: undefined): Promise<number>;
}

serveExecutor<WorkerData>(async ({ files, runThreads }) => {
  const path = (name: string) => files.paths[name] as string;
  const { vocab } = JSON.parse(readFileSync(path("vocab.json"), "utf8")) as { readonly vocab: Readonly<Record<string, number>> };
  const ids = new Map(Object.entries(vocab));
  const voiceOf = createVoiceStyles(files);
  const networks = await createNetworks({ prosody: path("kokoro-prosody.onnx"), decoder: path("kokoro-decoder.onnx") }, runThreads);
  const read = await createClauseReader(files);
  const measured = await warmUp(networks, voiceOf(files.voices[0]?.id ?? ""));

  const api: KokoroApi = {
    async read(request) {
      const spoken = await read(request);
      return { words: spoken.words, runs: cutRuns(spoken, (symbol) => ids.has(symbol)) };
    },
    async plan({ run, voice, prosody }) {
      const tokens = run.symbols.map((symbol) => ids.get(symbol) ?? 0);
      const plan = await networks.plan(tokens, voiceOf(voice), prosody.rate);
      return { ...plan, pitchHz: shapePitch(plan.pitchHz, prosody) };
    },
    async sound({ window, voice, symbols, prosody }) {
      const raw = await networks.sound(window, voiceOf(voice), symbols);
      const samples = shapeWave(raw, sampleRateHz, { ...prosody, pitchSemitones: 0, pitchRange: 1 });
      return samples.map((sample) => Math.max(-1, Math.min(1, sample)));
    },
    measure: async () => measured,
  };
  return { ...api };
});

const warmUpTokens = Array.from({ length: 24 }, (_, index) => [47, 156, 57, 16][index % 4] as number);
const warmUpSamples = 9_600;

/** The first runs allocate; the last one is measured. */
async function warmUp(networks: Networks, voice: ReturnType<ReturnType<typeof createVoiceStyles>>): Promise<number> {
  const plan = await networks.plan(warmUpTokens, voice, 1);
  const window = cutWindow(plan, 0, warmUpSamples);
  let msPerFrame = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 2; round++) {
    const startMs = performance.now();
    await networks.sound(window, voice, warmUpTokens.length);
    msPerFrame = Math.min(msPerFrame, (performance.now() - startMs) / window.frames);
  }
  return msPerFrame;
}
