import type { HeadPose } from "../backend.ts";
import type { PhoneTrack } from "./gestures.ts";
import type { LoudnessTrack } from "./loudness.ts";
import type { PitchTrack } from "./pitch.ts";

/** Movements of head and brows that go with the speech's emphasis. */
export interface Accents {
  /** Looks for emphasis in one frame; call in order, once per frame. */
  advance(frameStartUs: number, frameEndUs: number): void;
  at(timeUs: number): { readonly head: HeadPose; readonly brow: number };
}

interface Accent {
  readonly onsetUs: number;
  readonly strength: number;
  /** -1 or 1. */
  readonly side: number;
  readonly opensClause: boolean;
}

const attackUs = 140_000;
const releaseUs = 420_000;
const shortestGapUs = 320_000;
/** Longer than any consonant cluster. */
const pauseUs = 280_000;
const nucleusUs = 60_000;
/** Where in a vowel its pitch is taken. */
const pitchAtUs = 35_000;
/** A rise of so many semitones over the usual pitch weighs as much as 6 dB. */
const riseSemitones = 5;
const speechDb = -38;
const head = { pitch: 0.03, yaw: 0.018, roll: 0.012 } as const;
export const headLimitRad = 0.06;

/**
 * A vowel clearly louder or higher than those before it, or the first after a pause, gets a nod, a slight turn and raised brows: beats of
 * head and brow go with pitch accents and clause starts (Graf et al., "Visual prosody: facial movements accompanying speech", 2002).
 */
export function createAccents(phones: PhoneTrack, loudness: LoudnessTrack, pitch: PitchTrack, originUs: number): Accents {
  let accents: Accent[] = [];
  let count = 0;
  let usualDb = speechDb + 12;
  let usualHz: number | undefined;
  let lastVowelEndUs = Number.NEGATIVE_INFINITY;
  const level = (fromUs: number, toUs: number) => loudness.levelDb(fromUs - originUs, toUs - originUs);

  /** How far the vowel's pitch is over the usual one, in semitones; the usual one follows. */
  function riseOf(vowelUs: number): number {
    const hz = pitch.pitchHz(vowelUs - originUs + pitchAtUs);
    if (hz === undefined) return 0;
    const rise = usualHz === undefined ? 0 : 12 * Math.log2(hz / usualHz);
    usualHz = usualHz === undefined ? hz : usualHz * (hz / usualHz) ** 0.25;
    return rise;
  }

  return {
    advance(frameStartUs, frameEndUs) {
      accents = accents.filter((accent) => frameStartUs - accent.onsetUs < attackUs + releaseUs);
      for (const vowel of phones.vowelsIn(frameStartUs, frameEndUs)) {
        const db = level(vowel.startUs, vowel.startUs + nucleusUs);
        if (db < speechDb) continue;
        const opensClause = vowel.startUs - lastVowelEndUs > pauseUs;
        const excess = (db - usualDb - 1) / 6 + Math.max(0, riseOf(vowel.startUs) - 1) / riseSemitones;
        const strength = Math.min(1, Math.max(opensClause ? 0.55 : 0, excess));
        usualDb += 0.25 * (db - usualDb);
        lastVowelEndUs = vowel.endUs;
        const previous = accents.at(-1)?.onsetUs ?? Number.NEGATIVE_INFINITY;
        if (strength < 0.15 || vowel.startUs - previous < shortestGapUs) continue;
        accents.push({ onsetUs: vowel.startUs, strength, side: sideOf(count++), opensClause });
      }
    },
    at(timeUs) {
      let [pitch, yaw, roll, brow] = [0, 0, 0, 0];
      for (const accent of accents) {
        const amount = accent.strength * beat(timeUs - accent.onsetUs);
        pitch -= head.pitch * amount;
        yaw += head.yaw * amount * accent.side;
        roll -= head.roll * amount * accent.side;
        brow += (accent.opensClause ? 0.28 : 0.16) * amount;
      }
      const limited = (value: number) => Math.max(-headLimitRad, Math.min(headLimitRad, value));
      return { head: { pitch: limited(pitch), yaw: limited(yaw), roll: limited(roll) }, brow: Math.min(0.5, brow) };
    },
  };
}

/** Up within the attack, slowly back within the release. */
function beat(sinceUs: number): number {
  if (sinceUs <= 0 || sinceUs >= attackUs + releaseUs) return 0;
  const phase = sinceUs < attackUs ? sinceUs / attackUs : 1 - (sinceUs - attackUs) / releaseUs;
  return Math.sin((Math.PI / 2) * phase) ** 2;
}

/** An irregular but repeatable sequence of sides (the Thue-Morse sequence). */
function sideOf(index: number): number {
  let ones = 0;
  for (let bits = index; bits > 0; bits >>= 1) ones += bits & 1;
  return ones % 2 === 0 ? 1 : -1;
}
