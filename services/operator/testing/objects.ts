import type { AcceleratorClass, Avatar, Condition, Model, Pipeline, PipelineStage, Site, StagePool, Tenant } from "@troupe/kinds";

const apiVersion = "troupe.dev/v1alpha1";

/** Objects as the API server gives them, with what a test says of them. */
const metadata = (name: string) => ({ name, uid: `uid-${name}`, generation: 1, resourceVersion: "1" });

export const conditionNow = (type: string, status: Condition["status"], over: Partial<Condition> = {}): Condition => ({
  type,
  status,
  reason: "Told",
  message: "by the test",
  observedGeneration: 1,
  lastTransitionTime: "2026-01-01T00:00:00Z",
  ...over,
});

export function modelObject(name: string, spec: Partial<Model["spec"]> = {}, conditions = [conditionNow("Verified", "True")]): Model {
  const defaults: Model["spec"] = {
    stage: "tts",
    manifest: { id: name, sha256: "0".repeat(64) },
    languages: [],
    needs: [],
    licence: "Apache-2.0",
  };
  return { apiVersion, kind: "Model", metadata: metadata(name), spec: { ...defaults, ...spec }, status: { conditions } };
}

export const stageOf = (stage: PipelineStage["stage"], ...models: readonly string[]): PipelineStage => ({
  stage,
  covers: [],
  models: models.map((model) => ({ model, role: "", languages: [] })),
});

export function pipelineObject(spec: Partial<Pipeline["spec"]> = {}, status?: Pipeline["status"], generation = 1): Pipeline {
  const defaults: Pipeline["spec"] = {
    stages: [stageOf("tts", "voice")],
    objective: { voiceToSoundMilliseconds: 1500 },
    roundTripLimitMilliseconds: 20,
    residency: [],
    sites: [],
  };
  return {
    apiVersion,
    kind: "Pipeline",
    metadata: { ...metadata("talk"), namespace: "acme", generation },
    spec: { ...defaults, ...spec },
    ...(status && { status }),
  };
}

export function poolObject(name: string, member: StagePool["spec"]["members"][number], status: StagePool["status"]): StagePool {
  return {
    apiVersion,
    kind: "StagePool",
    metadata: { ...metadata(name), namespace: "troupe-system" },
    spec: { members: [member] } as unknown as StagePool["spec"],
    ...(status && { status }),
  };
}

export function siteObject(name: string, spec: Partial<Site["spec"]> = {}, status?: Site["status"]): Site {
  const defaults: Site["spec"] = {
    tier: "cloud",
    cluster: "",
    nodeSelector: {},
    residency: [],
    roundTrips: [],
    priceFactorPercent: 100,
    paused: false,
    lost: false,
  };
  return { apiVersion, kind: "Site", metadata: metadata(name), spec: { ...defaults, ...spec }, ...(status && { status }) };
}

export function classObject(name: string, spec: Partial<AcceleratorClass["spec"]> = {}): AcceleratorClass {
  const defaults: AcceleratorClass["spec"] = {
    kind: "gpu",
    memoryMebibytes: 81_920,
    partitions: [],
    videoEncoders: 0,
    graphics: false,
    executionProvider: "cuda",
    match: { resourceName: "nvidia.com/gpu" },
    sharing: { allowTimeSliced: false } as AcceleratorClass["spec"]["sharing"],
    pricePerHourMicros: 0,
  };
  return { apiVersion, kind: "AcceleratorClass", metadata: metadata(name), spec: { ...defaults, ...spec } };
}

export function tenantObject(name: string, spec: Partial<Tenant["spec"]> = {}, createdSecond = 0): Tenant {
  const defaults: Tenant["spec"] = {
    namespaces: [name],
    quotas: [],
    residency: [],
    policy: { motionOnly: false, speechOutsideSessions: false, recordTranscripts: false },
  };
  const creationTimestamp = `2026-01-01T00:00:${String(createdSecond).padStart(2, "0")}Z`;
  return { apiVersion, kind: "Tenant", metadata: { ...metadata(name), creationTimestamp }, spec: { ...defaults, ...spec } };
}

export function avatarObject(spec: Partial<Avatar["spec"]> = {}): Avatar {
  const defaults: Avatar["spec"] = { bundle: "mara", displayName: "Mara", voices: {}, persona: "", pipelineRef: { name: "talk" } };
  return { apiVersion, kind: "Avatar", metadata: { ...metadata("mara"), namespace: "acme" }, spec: { ...defaults, ...spec } };
}
