/** The API group of Troupe's kinds. */
export const group = "troupe.dev";
export const version = "v1alpha1";
export const apiVersion = `${group}/${version}` as const;

/** `kubectl get troupe` lists every kind. */
export const category = "troupe";

/** Stages in the order of the data path, as the kinds name them. */
export const stageNames = ["asr", "llm", "tts", "face", "compositor"] as const;
export type StageName = (typeof stageNames)[number];

export const labels = {
  /** Name of the StagePool that a Pod, a ControllerRevision or a budget belongs to. */
  pool: `${group}/pool`,
  /** Stage of a Pod; of a pack, its first. */
  stage: `${group}/stage`,
  /** ControllerRevision a Pod was made from. */
  revision: `${group}/revision`,
  site: `${group}/site`,
  acceleratorClass: `${group}/accelerator-class`,
  managedBy: "app.kubernetes.io/managed-by",
} as const;

/** Value of `labels.managedBy` on everything that the operator makes. */
export const managedBy = "troupe";

export const annotations = {
  /** Why a Pod was named to go. Set before its replica is asked, so that a restarted operator knows its victims. */
  draining: `${group}/draining`,
} as const;

/** Namespace of the platform, where the StagePools are; the chart's usual one. */
export const systemNamespace = "troupe-system";

/** Owner of the fields that one controller applies. */
export const fieldManager = <Controller extends string>(controller: Controller) => `troupe-${controller}` as const;

/** Types of conditions, by kind. */
export const conditionTypes = {
  AcceleratorClass: ["Matched", "Quarantined"],
  Site: ["Connected", "PlanApplied", "Lost"],
  Model: ["Verified", "Profiled"],
  Pipeline: ["Resolved", "Ready", "RolledBack"],
  Avatar: ["Accepted"],
  Tenant: ["Accepted"],
  StagePool: ["Available", "Progressing", "Placed", "Healthy", "RolledBack"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type ConditionType<Kind extends keyof typeof conditionTypes> = (typeof conditionTypes)[Kind][number];
