import { example, type Json } from "./objects.ts";

/** One rule of one kind: an object that it refuses, and its neighbour that it accepts. */
export interface RuleCase {
  /** Name of the kind's source without extension. */
  readonly file: string;
  readonly message: string;
  /** What is stored before, for rules about changes; without it the objects are created. */
  readonly before?: Json;
  readonly refused: Json;
  readonly accepted: Json;
}

type Change = (spec: Json, object: Json) => void;

const changed = (file: string, change: Change) => example(file, (object) => change(object.spec, object));

const rule = (file: string, message: string, refused: Change, accepted: Change = () => undefined): RuleCase => ({
  file,
  message,
  refused: changed(file, refused),
  accepted: changed(file, accepted),
});

/** @param accepted another change of the same object that is allowed */
const update = (file: string, message: string, refused: Change, accepted: Change = () => undefined): RuleCase => ({
  ...rule(file, message, refused, accepted),
  before: example(file),
});

const cpu: Change = (spec) => {
  for (const field of ["memoryMebibytes", "match", "videoEncoders", "graphics"]) delete spec[field];
  Object.assign(spec, { kind: "cpu", executionProvider: "cpu" });
};
const named =
  (name: string): Change =>
  (_, object) => {
    object.metadata.name = name;
  };
const set =
  (fields: object): Change =>
  (spec) =>
    Object.assign(spec, fields);
const inName = "at most 40 lower case letters, digits and hyphens";
const name40 = "a".repeat(40);
const name41 = "a".repeat(41);
const twice =
  (...changes: readonly Change[]): Change =>
  (spec, object) => {
    for (const change of changes) change(spec, object);
  };
const partition = { name: "1g.10gb", resourceName: "nvidia.com/mig-1g.10gb", memoryMebibytes: 3072, perDevice: 7 };

const acceleratorClass: readonly RuleCase[] = [
  rule("accelerator-class", `the name stands in labels: ${inName}`, named("nvidia.l4"), named(name40)),
  rule(
    "accelerator-class",
    "every kind but cpu needs memoryMebibytes: a cpu's memory is that of its node",
    (spec) => delete spec.memoryMebibytes,
    cpu,
  ),
  rule(
    "accelerator-class",
    "every kind but cpu needs match.resourceName or match.deviceClassName",
    (spec) => delete spec.match.resourceName,
    set({ match: { deviceClassName: "gpu.nvidia.com" } }),
  ),
  rule(
    "accelerator-class",
    "cpu is matched by node labels only: it has neither match.resourceName nor match.deviceClassName",
    twice(cpu, set({ match: { resourceName: "example.org/cpu" } })),
    twice(cpu, set({ match: { nodeLabels: { "kubernetes.io/arch": "amd64" } } })),
  ),
  rule(
    "accelerator-class",
    "kind cpu runs with executionProvider cpu or openvino",
    twice(cpu, set({ executionProvider: "cuda" })),
    twice(cpu, set({ executionProvider: "openvino" })),
  ),
  rule("accelerator-class", "cpu has no partitions", twice(cpu, set({ partitions: [partition] })), cpu),
  rule(
    "accelerator-class",
    "the partitions of a device cannot hold more memory than it has",
    set({ partitions: [{ ...partition, memoryMebibytes: 4096 }] }),
    set({ partitions: [partition] }),
  ),
  update("accelerator-class", "kind is immutable: make another AcceleratorClass", set({ kind: "npu" }), set({ videoEncoders: 3 })),
  rule(
    "accelerator-class",
    "a partition is shown by exactly one of resourceName and deviceClassName",
    set({ partitions: [{ ...partition, deviceClassName: "mig.nvidia.com" }] }),
    set({ partitions: [{ ...partition, resourceName: undefined, deviceClassName: "mig.nvidia.com" }] }),
  ),
  rule(
    "accelerator-class",
    "a device is shown by one of resourceName and deviceClassName, not by both",
    (spec) => {
      spec.match.deviceClassName = "gpu.nvidia.com";
    },
    set({ match: { deviceClassName: "gpu.nvidia.com" } }),
  ),
  rule(
    "accelerator-class",
    "driver is for devices that ResourceSlices show, so it needs deviceClassName",
    (spec) => {
      spec.match.driver = "gpu.nvidia.com";
    },
    set({ match: { deviceClassName: "gpu.nvidia.com", driver: "gpu.nvidia.com" } }),
  ),
  rule(
    "accelerator-class",
    "allowTimeSliced and measuredSharesPerDevice belong together: how many shares of a device were measured to keep their deadlines",
    set({ sharing: { allowTimeSliced: true } }),
    set({ sharing: { allowTimeSliced: true, measuredSharesPerDevice: 2 } }),
  ),
];

const site: readonly RuleCase[] = [
  rule("site", `the name stands in subjects and labels: ${inName}`, named("edge.north"), named(name40)),
  rule("site", "a site has no round trip to itself", set({ roundTrips: [{ site: "edge-north", milliseconds: 1 }] })),
  update("site", "cluster is immutable: make another Site", set({ cluster: "edge-south" }), set({ paused: true })),
];

const share = "exactly one of whole, partition and cpuMillicores is given";
const model: readonly RuleCase[] = [
  rule("model", `the name stands in labels: ${inName}`, named(name41), named(name40)),
  update("model", "a Model is immutable: make another one for another version", set({ licence: "Apache-2.0" })),
  rule(
    "model",
    share,
    (spec) => {
      spec.needs[0].share = { whole: true, partition: "1g.10gb" };
    },
    (spec) => {
      spec.needs[0].share = { whole: true };
    },
  ),
];

const stageOf = (spec: Json, stage: string) => spec.stages.find((entry: Json) => entry.stage === stage);
const pipeline: readonly RuleCase[] = [
  rule(
    "pipeline",
    "each of asr, llm, tts, face and compositor is served by exactly one entry of stages, by its stage or its covers",
    (spec) => spec.stages.splice(0, 1),
    (spec) => {
      stageOf(spec, "llm").covers = ["asr"];
      spec.stages.splice(0, 1);
    },
  ),
  rule(
    "pipeline",
    "a stage is served either by an endpoint, or by models or a backend of ours",
    (spec) => {
      stageOf(spec, "asr").endpoint = { url: "https://asr.example.org" };
    },
    (spec) => {
      stageOf(spec, "tts").backend = "models";
    },
  ),
  rule(
    "pipeline",
    "covers names other stages than the entry's own",
    (spec) => {
      stageOf(spec, "llm").covers = ["llm"];
    },
    (spec) => {
      stageOf(spec, "llm").covers = [];
    },
  ),
  rule(
    "pipeline",
    "an endpoint's url begins with http, https, grpc or grpcs and names a host",
    (spec) => {
      stageOf(spec, "llm").endpoint.url = "file:///etc/passwd";
    },
    (spec) => {
      stageOf(spec, "llm").endpoint.url = "grpc://riva.example.org:50051";
    },
  ),
];

const avatar: readonly RuleCase[] = [
  rule(
    "avatar",
    "voices are listed by language tag (BCP-47), such as en or zh-CN",
    set({ voices: { english: "hibari-en" } }),
    set({ voices: { "zh-Hant-TW": "kokoro" } }),
  ),
];

const tenant: readonly RuleCase[] = [
  rule(
    "tenant",
    "the name stands in subjects: at most 63 lower case letters, digits and hyphens",
    named("museum.north"),
    named("a".repeat(63)),
  ),
  rule(
    "tenant",
    "guaranteed must not exceed limit",
    set({ quotas: [{ pipeline: "default/museum", guaranteed: 3, limit: 2 }] }),
    set({ quotas: [{ pipeline: "default/museum", guaranteed: 2, limit: 2 }] }),
  ),
  rule(
    "tenant",
    "recordTranscripts and transcriptRetentionDays belong together: what is kept has an end",
    set({ policy: { recordTranscripts: true } }),
    set({ policy: { recordTranscripts: false } }),
  ),
];

const pool = "stage-pool";
const toleration =
  (one: Json): Change =>
  (spec) => {
    spec.template.tolerations = [one];
  };
const stagePool: readonly RuleCase[] = [
  rule(
    pool,
    "the name begins those of Pods: at most 52 lower case letters, digits and hyphens",
    named("a".repeat(53)),
    named("a".repeat(52)),
  ),
  rule(pool, "minReplicas must not exceed maxReplicas", set({ minReplicas: 5 }), set({ minReplicas: 4 })),
  rule(pool, "replicas must be between minReplicas and maxReplicas", set({ replicas: 5 }), set({ replicas: 4 })),
  update(
    pool,
    "members is immutable: make another StagePool",
    (spec) => spec.members[0].models.push("kokoro"),
    set({ minReplicas: 2, maxReplicas: 6 }),
  ),
  update(pool, "acceleratorClass is immutable: make another StagePool", set({ acceleratorClass: "l4" }), set({ paused: true })),
  update(pool, "site is immutable: make another StagePool", set({ site: "edge-north" }), (spec) => {
    spec.template.image = "registry.example.org/troupe:0.2.0";
  }),
  update(pool, "share is immutable: make another StagePool", set({ share: { cpuMillicores: 1000 } }), set({ drain: { maxSurge: 0 } })),
  rule(pool, share, set({ share: {} }), set({ share: { partition: "1g.10gb" } })),
  rule(
    pool,
    "a variable has exactly one of value and secretKeyRef",
    (spec) => {
      spec.template.env = [{ name: "TROUPE_OPENAI_KEY" }];
    },
    (spec) => {
      spec.template.env = [{ name: "TROUPE_OPENAI_KEY", secretKeyRef: { name: "llm", key: "token" } }];
    },
  ),
  rule(
    pool,
    "a cache is exactly one of emptyDirSizeMebibytes and claimName",
    (spec) => {
      spec.template.cache.emptyDirSizeMebibytes = 100;
    },
    (spec) => {
      spec.template.cache = { emptyDirSizeMebibytes: 100 };
    },
  ),
  rule(pool, "a toleration without a key has operator Exists", toleration({ operator: "Equal" }), toleration({ operator: "Exists" })),
  rule(
    pool,
    "a toleration with operator Exists has no value",
    toleration({ key: "spot", operator: "Exists", value: "yes" }),
    toleration({ key: "spot", value: "yes" }),
  ),
  rule(
    pool,
    "tolerationSeconds is for effect NoExecute",
    toleration({ key: "spot", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 5 }),
    toleration({ key: "spot", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }),
  ),
];

/** Every rule in crds/*.yaml; a test says so. */
export const ruleCases: readonly RuleCase[] = [...acceleratorClass, ...site, ...model, ...pipeline, ...avatar, ...tenant, ...stagePool];
