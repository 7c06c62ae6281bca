import type { Avatar, Pipeline } from "@troupe/kinds";
import { conditionsOf, decide, type Policy, type Statement } from "../kube/index.ts";
import { speaks } from "../model/index.ts";

export interface Voice {
  readonly id: string;
  /** BCP-47. */
  readonly languages: readonly string[];
}

export interface AvatarSighting {
  readonly avatar: Avatar;
  /** Whether the asset is installed. */
  readonly installed: boolean;
  readonly pipeline: Pipeline | undefined;
  /** Voices of the pipeline's synthesisers; undefined: one of them doesn't tell. */
  readonly voices: readonly Voice[] | undefined;
}

const refusals: readonly Policy<AvatarSighting>[] = [
  ({ avatar, installed }) => (installed ? undefined : { reason: "BundleUnknown", message: `no avatar ${avatar.spec.bundle} is installed` }),
  ({ avatar, pipeline }) =>
    pipeline
      ? undefined
      : { reason: "PipelineUnknown", message: `there is no Pipeline ${avatar.spec.pipelineRef.name} in ${avatar.metadata.namespace}` },
  ({ avatar, voices }) => {
    const unknown = voices && Object.entries(avatar.spec.voices).find(([, id]) => !voices.some((voice) => voice.id === id));
    return unknown && { reason: "VoiceUnknown", message: `no synthesiser of the pipeline has the voice ${unknown[1]}` };
  },
  ({ avatar, voices }) => {
    const foreign =
      voices &&
      Object.entries(avatar.spec.voices).find(([language, id]) => !voices.some((voice) => voice.id === id && isFor(voice, language)));
    return foreign && { reason: "VoiceOfOtherLanguage", message: `the voice ${foreign[1]} does not speak ${foreign[0]}` };
  },
];

const isFor = (voice: Voice, language: string) => voice.languages.length === 0 || speaks(voice.languages, language);

/** Whether an avatar can be used as it is written; pure. */
export function avatarStatus(sighting: AvatarSighting, utcNowMs: number) {
  const refusal = decide(refusals, sighting);
  const accepted: Statement = refusal
    ? { type: "Accepted", status: "False", ...refusal }
    : { type: "Accepted", status: "True", reason: "AllFound", message: "the asset, its voices and its pipeline exist" };
  const { avatar } = sighting;
  return { observedGeneration: avatar.metadata.generation ?? 0, conditions: conditionsOf(avatar, [accepted], utcNowMs) };
}
