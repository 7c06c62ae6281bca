import { ServiceError } from "@troupe/errors";
import { readConfig, runStageService } from "@troupe/service";
import { type StageName, stageNames } from "@troupe/stage";

type Environment = Readonly<Record<string, string | undefined>>;

const run: Readonly<Record<StageName, (env: Environment) => Promise<void>>> = {
  async asr(env) {
    const { asrConfig, createAsrService } = await import("@troupe/asr");
    await runStageService("asr", readConfig(asrConfig, env), createAsrService);
  },
  async llm(env) {
    const { llmConfig, createLlmService } = await import("@troupe/llm");
    await runStageService("llm", readConfig(llmConfig, env), createLlmService);
  },
  async tts(env) {
    const { ttsConfig, createTtsService } = await import("@troupe/tts");
    await runStageService("tts", readConfig(ttsConfig, env), createTtsService);
  },
  async face(env) {
    const { faceConfig, createFaceService } = await import("@troupe/face");
    await runStageService("face", readConfig(faceConfig, env), createFaceService);
  },
  async compositor(env) {
    const { compositorConfig, createCompositorService } = await import("@troupe/compositor");
    await runStageService("compositor", readConfig(compositorConfig, env), createCompositorService);
  },
};

/**
 * Several stages as one process, because they share a device that only one process can have. Each is a replica of its own, named
 * `<replica>-<stage>`, on the next gRPC and metrics port. They start one after the other, so that none measures what the others load;
 * one that fails ends them all.
 * @throws ServiceError INVALID_CONFIG: one of them is no stage, or its settings are wrong
 */
export async function runPack(stages: readonly string[], env: Environment): Promise<void> {
  const unknown = stages.find((stage) => !isStage(stage));
  if (unknown !== undefined) throw new ServiceError("INVALID_CONFIG", `there is no stage "${unknown}"; there are ${stageNames.join(", ")}`);
  for (const [index, stage] of stages.filter(isStage).entries()) await run[stage](environmentOf(env, stage, index));
}

const isStage = (name: string): name is StageName => stageNames.some((stage) => stage === name);

function environmentOf(env: Environment, stage: StageName, index: number): Environment {
  const { TROUPE_REPLICA: replica, TROUPE_GRPC_PORT: grpc, TROUPE_METRICS_PORT: metrics, TROUPE_PORT_FILE: portFile } = env;
  return {
    ...env,
    TROUPE_REPLICA: replica && `${replica}-${stage}`,
    TROUPE_GRPC_PORT: portOf(grpc, index),
    TROUPE_METRICS_PORT: portOf(metrics, index),
    TROUPE_PORT_FILE: portFile && `${portFile}-${stage}`,
  };
}

/** Any free one stays any free one. */
const portOf = (first: string | undefined, index: number): string | undefined =>
  first === undefined || Number(first) === 0 ? first : `${Number(first) + index}`;
