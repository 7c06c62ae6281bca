import type { StagePoolMember } from "@troupe/kinds";
import { manifestsOf, type PodPlan } from "./pod-of.ts";

/** Where a process of a pod stands; one of several stages counts up from the ports, and adds each stage to the replica's id. */
export interface ProcessPlace {
  readonly replica: string;
  readonly grpcPort: number;
  readonly metricsPort: number;
  readonly drainSeconds: number;
}

/** The settings that name a stage's models; those of a stage without one come from the pool's template. */
const modelSettings: Readonly<Partial<Record<StagePoolMember["stage"], { readonly name: string; readonly many: boolean }>>> = {
  asr: { name: "TROUPE_ASR_MODELS", many: true },
  llm: { name: "TROUPE_EMBEDDING_MODEL", many: false },
  tts: { name: "TROUPE_TTS_MODELS", many: true },
  face: { name: "TROUPE_FACE_MODEL", many: false },
};

/**
 * Variables of a container; what the pool's template sets stands last and wins.
 * @param members those whose stages it runs
 * @param place undefined: it runs none
 */
export function environmentOf(plan: PodPlan, members: readonly StagePoolMember[], place: ProcessPlace | undefined) {
  const { spec } = plan.pool;
  const own: { name: string; value?: string; valueFrom?: object }[] = [
    { name: "HOME", value: "/tmp" },
    { name: "TROUPE_CACHE_DIR", value: "/models" },
  ];
  if (place) {
    own.push(
      { name: "TROUPE_SITE", value: spec.site },
      { name: "TROUPE_POOL", value: plan.pool.metadata.name },
      { name: "TROUPE_ACCELERATOR_CLASS", value: spec.acceleratorClass },
      { name: "TROUPE_IMAGE", value: spec.template.image },
      { name: "TROUPE_REPLICA", value: place.replica },
      { name: "TROUPE_HOST", value: "0.0.0.0" },
      { name: "TROUPE_ADVERTISE_HOST", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "TROUPE_GRPC_PORT", value: `${place.grpcPort}` },
      { name: "TROUPE_METRICS_PORT", value: `${place.metricsPort}` },
      { name: "TROUPE_DRAIN_SECONDS", value: `${place.drainSeconds}` },
    );
  }
  for (const member of members) {
    if (member.backend !== undefined) own.push({ name: `TROUPE_${member.stage.toUpperCase()}_BACKEND`, value: member.backend });
    own.push(...modelsOf(plan, member));
  }
  const given = spec.template.env.map(({ name, value, secretKeyRef }) =>
    secretKeyRef ? { name, valueFrom: { secretKeyRef: { ...secretKeyRef } } } : { name, value: value ?? "" },
  );
  const names = new Set(given.map(({ name }) => name));
  return [...own.filter(({ name }) => !names.has(name)), ...given];
}

function modelsOf(plan: PodPlan, member: StagePoolMember) {
  const setting = modelSettings[member.stage];
  const ids = manifestsOf(plan, member);
  if (!setting || ids.length === 0) return [];
  return [{ name: setting.name, value: setting.many ? ids.join(",") : (ids[0] ?? "") }];
}
