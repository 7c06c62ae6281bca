import type { Pipeline, StagePoolMember } from "@troupe/kinds";

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

/** Whether a pipeline leaves it to the platform where it runs, or names the site. */
export const namesSite = ({ sites }: Pipeline["spec"], site: string): boolean => sites.length === 0 || sites.includes(site);
