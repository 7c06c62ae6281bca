import type { Model, StagePool, StagePoolMember } from "@troupe/kinds";
import { type DeviceRequest, timesOf } from "./device.ts";
import { environmentOf } from "./pod-environment.ts";
import type { PodPlan } from "./pod-of.ts";
import { replicaOf } from "./replica-name.ts";

/** gRPC services by which a stage's health is asked. */
const healthNames = {
  asr: "troupe.speech.v1.RecognitionService",
  llm: "troupe.dialogue.v1.DialogueService",
  tts: "troupe.speech.v1.SynthesisService",
  face: "troupe.face.v1.AnimationService",
  compositor: "troupe.presentation.v1.PresentationService",
} as const satisfies Record<StagePoolMember["stage"], string>;

/** Resident memory of a stage's process without its models: 110 to 190 MiB were seen. */
const processMebibytes = 192;
const grpcPort = 50_051;
const metricsPort = 9464;
const probeSeconds = 2;
/** So much is left of the grace period when a draining process lets go of its last sessions. */
const releaseSeconds = 5;

/** Stages of a pack that one container runs, in one process. */
interface Group {
  readonly members: readonly StagePoolMember[];
  /** Stages of the pod in the containers before it. */
  readonly before: number;
  /** Containers of the pod. */
  readonly containers: number;
}

/**
 * A container for each stage of the pack; or one, whose process serves them all, where only one container can have the device.
 * @param common what all containers of the pod have
 */
export function containersOf<Common extends object>(plan: PodPlan, device: DeviceRequest, common: Common) {
  const { members } = plan.pool.spec;
  const groups = device.oneContainer ? [members] : members.map((member) => [member]);
  return groups.map((group, index) => ({
    ...common,
    ...containerOf(plan, device, { members: group, before: index, containers: groups.length }),
  }));
}

function containerOf(plan: PodPlan, device: DeviceRequest, group: Group) {
  const { pool, name } = plan;
  const { template } = pool.spec;
  const stages = group.members.map(({ stage }) => stage);
  const ports = stages.map((_, index) => group.before + index);
  const [first = 0] = ports;
  const probe = (port: number, service: string) => ({
    grpc: { port: grpcPort + port, service },
    periodSeconds: probeSeconds,
    timeoutSeconds: probeSeconds,
  });
  // They start one after the other.
  const last = stages.at(-1);
  const startupSeconds = template.startupSeconds * stages.length;
  return {
    name: stages.join("-"),
    args: [stages.join(","), ...template.args],
    env: environmentOf(plan, group.members, {
      // Several in one process add their stage themselves.
      replica: stages.length === 1 && last ? replicaOf(name, last, pool.spec.members.length) : name,
      grpcPort: grpcPort + first,
      metricsPort: metricsPort + first,
      drainSeconds: template.terminationGracePeriodSeconds - releaseSeconds,
    }),
    ports: ports.flatMap((port) => [
      { name: portName("grpc", port), containerPort: grpcPort + port },
      { name: portName("metrics", port), containerPort: metricsPort + port },
    ]),
    resources: device.resources(timesOf(withMemory(plan, group.members), stages.length), group.containers),
    startupProbe: {
      ...probe(ports.at(-1) ?? 0, last ? healthNames[last] : ""),
      failureThreshold: Math.ceil(startupSeconds / probeSeconds),
    },
    readinessProbe: { ...probe(first, ""), failureThreshold: 3 },
    livenessProbe: { ...probe(first, ""), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
}

const portName = (use: string, index: number) => (index === 0 ? use : `${use}-${index}`);

/** Resources of the template, with memory for the process and its models on this class where the template asks for none. */
function withMemory({ pool, modelsOf }: PodPlan, members: readonly StagePoolMember[]): StagePool["spec"]["template"]["resources"] {
  const { resources } = pool.spec.template;
  if (resources.requests["memory"] !== undefined || pool.spec.share.cpuMillicores === undefined) return resources;
  const ofModel = ({ spec }: Model) =>
    spec.needs.find((need) => need.acceleratorClass === pool.spec.acceleratorClass)?.memoryMebibytes ?? 0;
  const mebibytes = members.flatMap(modelsOf).reduce((sum, model) => sum + ofModel(model), processMebibytes);
  return { ...resources, requests: { ...resources.requests, memory: `${mebibytes}Mi` } };
}
