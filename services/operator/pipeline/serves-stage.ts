import type { StagePoolMember } from "@troupe/kinds";

/** A pipeline's stage as its models are resolved. */
export interface RoutedStage {
  readonly stage: string;
  /** Empty: the stage's usual one. */
  readonly backend: string;
  readonly models: readonly string[];
}

/** Whether a pool's member serves it: with the same backend, and all of the models. */
export const servesStage = (member: StagePoolMember, { stage, backend, models }: RoutedStage): boolean =>
  member.stage === stage && (member.backend ?? "") === backend && models.every((model) => member.models.includes(model));
