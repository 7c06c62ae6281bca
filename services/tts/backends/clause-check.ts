import { ServiceError } from "@troupe/errors";
import { checkPronunciations } from "../text/pronunciation-check.ts";
import type { ClauseRequest, Voice } from "./backend.ts";
import { chooseVoice, speaks } from "./voice-choice.ts";

const longestText = 1000;

/**
 * What every backend refuses alike. Where no voice is named, chooseVoice decides; a language fits by its primary subtag.
 * @returns the clause with its text trimmed and its voice settled.
 * @throws ServiceError TEXT_EMPTY, TEXT_TOO_LONG, LANGUAGE_UNSUPPORTED, INVALID_REQUEST
 */
export function checkClause(clause: ClauseRequest, voices: readonly Voice[]): ClauseRequest {
  const text = clause.text.trim();
  if (text === "") throw nothingToSay();
  if (text.length > longestText)
    throw new ServiceError("TEXT_TOO_LONG", `a clause holds at most ${longestText} characters, not ${text.length}`);
  if (!(clause.rate >= 0.5 && clause.rate <= 2)) throw new ServiceError("INVALID_REQUEST", `rate is ${clause.rate}, not within 0.5..2`);
  const pitch = clause.pitchSemitones ?? 0;
  if (!(pitch >= -12 && pitch <= 12)) throw new ServiceError("INVALID_REQUEST", `pitch is ${pitch} semitones, not within -12..12`);
  checkPronunciations(clause.pronunciations ?? []);
  const fitting = voices.filter((voice) => speaks(voice, clause.language));
  if (fitting.length === 0) throw new ServiceError("LANGUAGE_UNSUPPORTED", `no voice speaks ${JSON.stringify(clause.language)}`);
  const voice = clause.voice === "" ? chooseVoice(voices, clause) : fitting.find((candidate) => candidate.id === clause.voice);
  if (!voice) throw new ServiceError("INVALID_REQUEST", `no voice ${JSON.stringify(clause.voice)} for ${clause.language}`);
  return { ...clause, text, voice: voice.id };
}

export function nothingToSay(): ServiceError {
  return new ServiceError("TEXT_EMPTY", "the clause holds nothing that can be said");
}
