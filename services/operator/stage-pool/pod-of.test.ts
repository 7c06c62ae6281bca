import type { AcceleratorClass, Model, Share, StagePool } from "@troupe/kinds";
import { describe, expect, it } from "vitest";
import { podOf } from "./pod-of.ts";
import { revisionOf } from "./revision.ts";

const model = (name: string, memoryMebibytes: number) =>
  ({
    metadata: { name },
    spec: { manifest: { id: `${name}-id` }, needs: [{ acceleratorClass: "cpu", memoryMebibytes }] },
  }) as unknown as Model;
const models = new Map([model("whisper", 300), model("hibari", 400)].map((one) => [one.metadata.name, one]));

type Template = Partial<StagePool["spec"]["template"]>;

function pool(members: StagePool["spec"]["members"], share: Share, template: Template = {}): StagePool {
  const defaults = {
    image: "troupe:test",
    imagePullPolicy: "IfNotPresent",
    imagePullSecrets: [],
    args: [],
    env: [],
    resources: { requests: {}, limits: {} },
    nodeSelector: {},
    tolerations: [],
    cache: { emptyDirSizeMebibytes: 1024 },
    startupSeconds: 300,
    terminationGracePeriodSeconds: 75,
  };
  const spec = { members, acceleratorClass: "cpu", site: "local", share, template: { ...defaults, ...template } };
  return {
    apiVersion: "troupe.dev/v1alpha1",
    kind: "StagePool",
    metadata: { name: "pool", namespace: "troupe-system", uid: "u1" },
    spec,
  } as unknown as StagePool;
}

const gpu = {
  spec: {
    kind: "gpu",
    match: { resourceName: "nvidia.com/gpu", nodeLabels: { "example.org/gpu": "h100" } },
    partitions: [
      { name: "1g", resourceName: "nvidia.com/mig-1g.10gb" },
      { name: "half", deviceClassName: "half.example.org" },
    ],
  },
} as unknown as AcceleratorClass;

const labelled = (kind: string, nodeLabels: Readonly<Record<string, string>>) =>
  ({ spec: { kind, match: { nodeLabels }, partitions: [] } }) as unknown as AcceleratorClass;
const cpu = labelled("cpu", { "example.org/room": "hall" });
const other = labelled("gpu", { "kubernetes.io/arch": "amd64", "topology.kubernetes.io/zone": "a", "example.org/room": "hall" });

// biome-ignore lint/suspicious/noExplicitAny: looked into at many places
function specOf(of: StagePool, acceleratorClass?: AcceleratorClass): any {
  const modelsOf = (member: { readonly models: readonly string[] }) => member.models.flatMap((name) => models.get(name) ?? []);
  const plan = { revision: "r1", site: undefined, acceleratorClass, classes: [cpu, gpu, other], modelsOf };
  return podOf({ ...plan, pool: of, name: "pool-abcde" }).spec;
}

const variables = (container: { env: { name: string; value?: string }[] }) =>
  Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

describe("a pool's pod", () => {
  it("loads its models before it starts, and asks for their memory", () => {
    const spec = specOf(pool([{ stage: "tts", models: ["hibari"] }], { cpuMillicores: 500 }));
    expect(spec.initContainers[0].args).toEqual(["models", "pull", "hibari-id"]);
    expect(spec.containers[0].resources.requests).toEqual({ cpu: "500m", memory: "592Mi" });
    expect(variables(spec.containers[0])).toMatchObject({
      TROUPE_TTS_MODELS: "hibari-id",
      TROUPE_REPLICA: "pool-abcde",
      TROUPE_POOL: "pool",
    });
  });

  it("brings what recognition listens for voices with", () => {
    const spec = specOf(pool([{ stage: "asr", models: ["whisper"] }], { cpuMillicores: 500 }));
    expect(spec.initContainers[0].args).toEqual(["models", "pull", "default-vad", "whisper-id"]);
    expect(variables(spec.containers[0]).TROUPE_ASR_MODELS).toBe("whisper-id");
  });

  it("pulls nothing where a volume holds the models", () => {
    const spec = specOf(pool([{ stage: "tts", models: ["hibari"] }], { cpuMillicores: 500 }, { cache: { claimName: "models" } }));
    expect(spec.initContainers).toEqual([]);
    expect(spec.volumes[0]).toEqual({ name: "models", persistentVolumeClaim: { claimName: "models", readOnly: true } });
  });

  it("of several stages has a container for each, ports and ids apart, and splits the processor", () => {
    const spec = specOf(
      pool(
        [
          { stage: "tts", models: [] },
          { stage: "face", models: [], backend: "stub" },
        ],
        { cpuMillicores: 500 },
      ),
    );
    expect(spec.containers.map(({ name, args }: { name: string; args: string[] }) => [name, args])).toEqual([
      ["tts", ["tts"]],
      ["face", ["face"]],
    ]);
    expect(spec.containers.map((one: { resources: { requests: { cpu: string } } }) => one.resources.requests.cpu)).toEqual([
      "250m",
      "250m",
    ]);
    expect(variables(spec.containers[1])).toMatchObject({
      TROUPE_REPLICA: "pool-abcde-face",
      TROUPE_GRPC_PORT: "50052",
      TROUPE_FACE_BACKEND: "stub",
    });
  });

  it("keeps away from nodes with devices where it needs none", () => {
    const affinityOf = (share: Share) => specOf(pool([{ stage: "tts", models: [] }], share), gpu).affinity.nodeAffinity;
    const preference = { matchExpressions: [{ key: "example.org/gpu", operator: "NotIn", values: ["h100"] }] };
    expect(affinityOf({ cpuMillicores: 500 })).toEqual({
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }],
    });
    expect(affinityOf({ whole: true })).toBeUndefined();
  });

  it("asks for a whole device, a partition, or a claim, as its class shows them", () => {
    const of = (share: Share) => specOf(pool([{ stage: "tts", models: [] }], share), gpu);
    expect(of({ whole: true }).containers[0].resources.limits).toEqual({ "nvidia.com/gpu": 1 });
    expect(of({ whole: true }).nodeSelector).toEqual({ "example.org/gpu": "h100" });
    expect(of({ partition: "1g" }).containers[0].resources.limits).toEqual({ "nvidia.com/mig-1g.10gb": 1 });
    const claimed = of({ partition: "half" });
    expect(claimed.resourceClaims).toEqual([{ name: "device", resourceClaimTemplateName: "pool" }]);
    expect(claimed.containers[0].resources.claims).toEqual([{ name: "device" }]);
  });

  it("of several stages on a device of a plugin has one container that runs them all", () => {
    const members = [
      { stage: "tts" as const, models: ["hibari"] },
      { stage: "face" as const, models: [], backend: "stub" },
    ];
    const template = { resources: { requests: { cpu: "1500m", memory: "2Gi" }, limits: { memory: "4Gi" } }, startupSeconds: 60 };
    const { containers } = specOf(pool(members, { whole: true }, template), gpu);
    expect(containers).toHaveLength(1);
    const [container] = containers;
    expect(container).toMatchObject({ name: "tts-face", args: ["tts,face"] });
    expect(container.resources).toEqual({
      requests: { cpu: "3000m", memory: `${4 * 2 ** 30}`, "nvidia.com/gpu": 1 },
      limits: { memory: `${8 * 2 ** 30}`, "nvidia.com/gpu": 1 },
    });
    expect(variables(container)).toMatchObject({
      TROUPE_REPLICA: "pool-abcde",
      TROUPE_GRPC_PORT: "50051",
      TROUPE_TTS_MODELS: "hibari-id",
      TROUPE_FACE_BACKEND: "stub",
    });
    expect(container.ports.map(({ containerPort }: { containerPort: number }) => containerPort)).toEqual([50_051, 9464, 50_052, 9465]);
    // The last one serves when all do.
    expect(container.startupProbe).toMatchObject({
      grpc: { port: 50_052, service: "troupe.face.v1.AnimationService" },
      failureThreshold: 60,
    });
    expect(container.readinessProbe.grpc).toEqual({ port: 50_051, service: "" });
  });

  it("of several stages with a claim has a container for each, that share it", () => {
    const members = [
      { stage: "tts" as const, models: [] },
      { stage: "face" as const, models: [] },
    ];
    const { containers } = specOf(pool(members, { partition: "half" }), gpu);
    expect(containers.map(({ name, resources }: { name: string; resources: object }) => [name, resources])).toEqual(
      ["tts", "face"].map((name) => [name, { requests: {}, limits: {}, claims: [{ name: "device" }] }]),
    );
  });

  it("is what its pool's template says last", () => {
    const env = [
      { name: "TROUPE_SITE", value: "other" },
      { name: "TROUPE_GRANT_KEY", secretKeyRef: { name: "key", key: "k" } },
    ];
    const spec = specOf(pool([{ stage: "llm", models: [] }], { cpuMillicores: 500 }, { env, args: ["--x"] }));
    const given = spec.containers[0].env as { name: string; value?: string; valueFrom?: object }[];
    expect(given.filter(({ name }) => name === "TROUPE_SITE")).toEqual([{ name: "TROUPE_SITE", value: "other" }]);
    expect(given.find(({ name }) => name === "TROUPE_GRANT_KEY")?.valueFrom).toEqual({ secretKeyRef: { name: "key", key: "k" } });
    expect(spec.containers[0].args).toEqual(["llm", "--x"]);
  });
});

describe("a template's revision", () => {
  const of = (template: Template, share: Share = { cpuMillicores: 500 }) =>
    revisionOf(pool([{ stage: "llm", models: [] }], share, template).spec);

  it("changes with what a pod is made from, and not with the order of fields", () => {
    expect(of({ image: "a" })).not.toBe(of({ image: "b" }));
    expect(of({ nodeSelector: { a: "1", b: "2" } })).toBe(of({ nodeSelector: { b: "2", a: "1" } }));
  });
});
