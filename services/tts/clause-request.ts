import { type Clause, type SynthesisSettings, Delivery as WireDelivery, type Pronunciation as WirePronunciation } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { StageSession } from "@troupe/stage";
import type { ClauseRequest, Delivery, Pronunciation, Voice } from "./backends/backend.ts";
import { chooseVoice } from "./backends/voice-choice.ts";
import { inferDelivery } from "./prosody/infer-delivery.ts";

/** What of a clause speaking needs. */
export type SpokenClause = Pick<Clause, "text" | "language" | "delivery">;

/** The session's settings; undefined when it was opened without. */
export function synthesisSettings(session: StageSession): SynthesisSettings | undefined {
  return session.settings.case === "synthesis" ? session.settings.value : undefined;
}

/**
 * A clause with what the session asks for. Its own delivery goes before the session's, and where neither has one its words decide.
 * @throws ServiceError LANGUAGE_UNSUPPORTED; INVALID_REQUEST for a pronunciation that says nothing
 */
export function requestFor(clause: SpokenClause, settings: SynthesisSettings | undefined, voices: readonly Voice[]): ClauseRequest {
  const { text, language } = clause;
  const wanted = settings?.voices ?? {};
  const delivery = deliveries.get(clause.delivery) ?? deliveries.get(settings?.delivery ?? WireDelivery.UNSPECIFIED);
  return {
    text,
    language,
    voice: voiceFor(voices, language, wanted),
    voices: wanted,
    rate: settings?.rate || 1,
    pitchSemitones: settings?.pitchSemitones ?? 0,
    delivery: delivery ?? inferDelivery(text),
    pronunciations: (settings?.pronunciations ?? []).map(pronunciationOf),
  };
}

const deliveries: ReadonlyMap<WireDelivery, Delivery> = new Map([
  [WireDelivery.NEUTRAL, "neutral"],
  [WireDelivery.GENTLE, "gentle"],
  [WireDelivery.EXCITED, "excited"],
]);

export function wireDelivery(delivery: Delivery | undefined): WireDelivery {
  return [...deliveries].find(([, name]) => name === delivery)?.[0] ?? WireDelivery.NEUTRAL;
}

function pronunciationOf({ written, language, spoken }: WirePronunciation, index: number): Pronunciation {
  if (spoken.case === undefined) throw new ServiceError("INVALID_REQUEST", `pronunciation ${index + 1} says neither respelling nor phones`);
  return {
    written,
    ...(language !== "" && { language }),
    spoken: spoken.case === "phones" ? { phones: spoken.value } : { respelling: spoken.value },
  };
}

function voiceFor(voices: readonly Voice[], language: string, wanted: Readonly<Record<string, string>>): string {
  const voice = chooseVoice(voices, { language, voices: wanted });
  if (!voice) throw new ServiceError("LANGUAGE_UNSUPPORTED", `no voice speaks ${language}`, { metadata: { language } });
  return voice.id;
}
