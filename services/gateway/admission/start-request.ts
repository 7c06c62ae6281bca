import { create } from "@bufbuild/protobuf";
import { defaultLabel } from "@troupe/avatar";
import { validateToken } from "@troupe/bus";
import {
  AnimationSettingsSchema,
  DialogueSettingsSchema,
  Pacing,
  type PresentationSettings,
  PresentationSettingsSchema,
  RecognitionSettingsSchema,
  type StageOpen,
  type Start,
  SynthesisSettingsSchema,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { StageSettings } from "@troupe/stage";
import type { AvatarProfile } from "./avatar-profile.ts";
import type { TenantSpeech } from "./tenant-speech.ts";

export const sampleRates = [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] as const;
const maxGreeting = 1000;

/** Refuses a start that no stage could serve. @throws ServiceError INVALID_REQUEST, INVALID_SUBJECT, TEXT_TOO_LONG */
export function checkStart(start: Start): void {
  validateToken("tenant", start.tenant);
  const rate = start.sampleRateHz || 16_000;
  if (!sampleRates.some((known) => known === rate))
    throw new ServiceError("INVALID_REQUEST", `sample_rate_hz must be one of ${sampleRates.join(", ")}`);
  if (start.greeting.length > maxGreeting) throw new ServiceError("TEXT_TOO_LONG", `a greeting may have ${maxGreeting} characters`);
  if (start.language !== "" && !/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(start.language))
    throw new ServiceError("INVALID_REQUEST", "language must be a BCP-47 tag");
}

/** Settings of every stage for a session. */
export function stageSettings(
  start: Start,
  avatar: AvatarProfile,
  { hotWords, pronunciations }: TenantSpeech,
  label = defaultLabel,
): StageSettings {
  const presentation = presentationOf(start, label);
  const settings = (value: StageOpen["settings"]) => value;
  return {
    asr: settings({
      case: "recognition",
      value: create(RecognitionSettingsSchema, { language: start.language, interims: !start.asap, hotWords: [...hotWords] }),
    }),
    llm: settings({
      case: "dialogue",
      value: create(DialogueSettingsSchema, { persona: avatar.persona }),
    }),
    tts: settings({
      case: "synthesis",
      value: create(SynthesisSettingsSchema, { voices: avatar.voices, rate: 1, pronunciations: [...pronunciations] }),
    }),
    face: settings({
      case: "animation",
      value: create(AnimationSettingsSchema, { framesPerSecond: presentation.framesPerSecond }),
    }),
    compositor: settings({ case: "presentation", value: presentation }),
  };
}

function presentationOf(start: Start, label: string): PresentationSettings {
  const given = start.presentation ?? create(PresentationSettingsSchema, { width: 512, height: 512, captions: true });
  return {
    ...given,
    framesPerSecond: given.framesPerSecond || 25,
    sampleRateHz: given.sampleRateHz || 24_000,
    pacing: given.pacing || Pacing.LIVE,
    label: given.label.trim() || label,
    // The owner's own business, when a session moves.
    startPtsUs: 0n,
  };
}
