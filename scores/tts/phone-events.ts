import { rmsDb } from "@troupe/audio";
import type { TimedText } from "@troupe/tts/backends";
import { type Band, crossing, type LevelTrack, steepestStep, trackLevel } from "./level-track.ts";
import type { Spoken } from "./spoken.ts";

export type EventKind = "pause" | "closure" | "release" | "sibilant";

/** A bound of a phone that can be seen on the waveform. */
export interface PhoneEvent {
  readonly kind: EventKind;
  /** Where the voice says it is, in ms. */
  readonly toldMs: number;
  /** Where the sound ends or begins at a pause, elsewhere where its level changes most; undefined when it hardly changes. */
  readonly heardMs: number | undefined;
}

const vowel = /^[aeiouæɐɑɒɔəɚɛɜɝɤɨɪʊʌy]/u;
const stop = /^(?:p|b|t|d|k|ɡ|pʰ|tʰ|kʰ)$/u;
const voicedStop = /^(?:b|d|ɡ)$/u;
const sibilant = /^(?:s|z|ʃ|ʒ|ɕ|ʂ)$/u;
/** Looked for within this of the told time, but not beyond the middle of a neighbour. */
const reachMs = 100;
const shortestPauseMs = 80;
/** A pause is this much softer than the sentence. */
const pauseDb = 26;
/** A smaller change is no event. */
const leastDb = 8;

interface Candidate {
  readonly kind: EventKind;
  readonly band: Band;
  readonly direction: "rise" | "fall";
  /** Whether the bound between two phones is one. */
  fits(before: TimedText, after: TimedText): boolean;
}

const lengthMs = ({ startUs, endUs }: TimedText) => (endUs - startUs) / 1000;
const isPause = (phone: TimedText) => phone.text === "" && lengthMs(phone) >= shortestPauseMs;

const candidates: readonly Candidate[] = [
  { kind: "pause", band: "all", direction: "fall", fits: (before, after) => isPause(after) && before.text !== "" },
  { kind: "pause", band: "all", direction: "rise", fits: (before, after) => isPause(before) && after.text !== "" },
  { kind: "closure", band: "speech", direction: "fall", fits: (before, after) => vowel.test(before.text) && stop.test(after.text) },
  { kind: "release", band: "speech", direction: "rise", fits: (before, after) => voicedStop.test(before.text) && vowel.test(after.text) },
  { kind: "sibilant", band: "hiss", direction: "rise", fits: (before, after) => vowel.test(before.text) && sibilant.test(after.text) },
  { kind: "sibilant", band: "hiss", direction: "fall", fits: (before, after) => sibilant.test(before.text) && vowel.test(after.text) },
];

/**
 * The bounds of pauses, closures, releases of voiced stops and sibilants beside vowels, as told and as the level of the sound shows them.
 * @param shiftMs moves what is told, for a control
 */
export function findPhoneEvents({ samples, sampleRateHz, phones }: Spoken, shiftMs = 0): readonly PhoneEvent[] {
  const silentBelowDb = rmsDb(samples) - pauseDb;
  const levels = new Map<Band, LevelTrack>();
  const levelOf = (band: Band) => {
    const level = levels.get(band) ?? trackLevel(samples, sampleRateHz, band);
    levels.set(band, level);
    return level;
  };
  return phones.slice(1).flatMap((after, index) => {
    const before = phones[index] as TimedText;
    const toldMs = after.startUs / 1000 + shiftMs;
    const from = Math.max(toldMs - reachMs, toldMs - lengthMs(before) / 2 - reachMs / 2);
    const to = Math.min(toldMs + reachMs, toldMs + lengthMs(after) / 2 + reachMs / 2);
    return candidates
      .filter((candidate) => candidate.fits(before, after))
      .map(({ kind, band, direction }) => {
        if (kind === "pause") return { kind, toldMs, heardMs: crossing(levelOf(band), silentBelowDb, { from, to, direction }) };
        const { ms, db } = steepestStep(levelOf(band), from, to, direction);
        return { kind, toldMs, heardMs: Math.abs(db) >= leastDb ? ms : undefined };
      });
  });
}

/** Signed errors in ms of the events that were heard: positive where the voice tells too early. */
export function errorsOf(events: readonly PhoneEvent[], kinds: readonly EventKind[]): readonly number[] {
  return events.flatMap(({ kind, toldMs, heardMs }) => (heardMs !== undefined && kinds.includes(kind) ? [heardMs - toldMs] : []));
}
