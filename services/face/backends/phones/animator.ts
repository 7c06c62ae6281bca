import type { Delivery, HeadPose, MotionFrame, SpeechChunk, TimedPhone } from "../backend.ts";
import { createAccents, headLimitRad } from "./accents.ts";
import { createArticulation, type Pull } from "./articulation.ts";
import { contactAt } from "./contact.ts";
import { followEnvelope, openingFactor } from "./envelope.ts";
import { createExpressionTrack } from "./expression.ts";
import { toWeights } from "./face-weights.ts";
import { createPhoneTrack, reachUs } from "./gestures.ts";
import { createLoudnessTrack } from "./loudness.ts";
import { clamp } from "./path.ts";
import { createPitchTrack } from "./pitch.ts";

/** Speech beyond a frame that its motion depends on. */
export const lookAheadUs = 80_000;
/** The sound about a moment that decides how loud it is. */
const loudnessUs = 25_000;
/** The mouth moves before the first sound; frames before the response that are worked out and not shown. */
const preRollFrames = 6;

/** The state of one response's animation. A frame depends on the speech up to its end and the look-ahead, never on chunk bounds. */
export interface Animator {
  /** @param delivery of the clause that starts with these samples */
  push(samples: Int16Array, phones: readonly TimedPhone[], delivery?: Delivery): void;
  /** The last phone, of one part, turns out to go on. */
  prolong(endUs: number): void;
  /** Frames that the speech so far allows. */
  ready(): MotionFrame[];
  /** The remaining frames; the last of them are brought to rest. */
  finish(): MotionFrame[];
}

/** @param first fixes the sample rate and the start of the response's time scale */
export function createAnimator(first: Pick<SpeechChunk, "ptsUs" | "sampleRateHz">, framesPerSecond: number): Animator {
  const originUs = first.ptsUs;
  const frameUs = 1_000_000 / framesPerSecond;
  const firstFrame = Math.floor(originUs / frameUs + 1e-6);
  const phones = createPhoneTrack();
  const loudness = createLoudnessTrack(first.sampleRateHz);
  const pitch = createPitchTrack(first.sampleRateHz);
  const accents = createAccents(phones, loudness, pitch, originUs);
  const expressions = createExpressionTrack();
  const articulation = createArticulation(frameUs, lookAheadUs);
  let received = 0;
  let next = firstFrame - preRollFrames;

  const endUs = () => originUs + (received * 1_000_000) / first.sampleRateHz;

  /** What is known up to `horizonUs` and pulls at the mouth at `timeUs`; sound is not looked at beyond the horizon. */
  function pullAt(timeUs: number, horizonUs: number, factor: number): Pull {
    const gestures = phones.gesturesAround(timeUs, horizonUs);
    const heardUs = Math.min(timeUs, horizonUs - loudnessUs) - originUs;
    const opening = factor * openingFactor(loudness.levelDb(heardUs - loudnessUs, heardUs + loudnessUs));
    const spoken = gestures.length > 0 || timeUs < originUs || phones.covers(timeUs);
    return {
      gestures,
      knownUntilUs: phones.knownUntilUs(horizonUs),
      opening,
      fallback: spoken ? undefined : followEnvelope(loudness, heardUs),
    };
  }

  function animate(index: number): MotionFrame {
    const startUs = index * frameUs;
    const centreUs = startUs + frameUs / 2;
    const horizonUs = startUs + frameUs + lookAheadUs;
    accents.advance(startUs, startUs + frameUs);
    const expression = expressions.at(centreUs);
    const mouth = articulation.advance(startUs, (timeUs) => pullAt(timeUs, horizonUs, expression.opening));
    const gestures = phones.gesturesAround(centreUs, horizonUs);
    const { head, brow } = accents.at(centreUs);
    const weights = toWeights({
      mouth,
      lipContact: contactAt(gestures, "lips", centreUs, frameUs),
      teethContact: contactAt(gestures, "teeth", centreUs, frameUs),
      brow: brow * expression.brow,
      expression,
    });
    phones.forget(startUs - 2 * reachUs);
    return { ptsUs: Math.round(startUs), weights, head: scaled(head, expression.head) };
  }

  /** Works out frames up to, not including, `end`. */
  function take(end: number): MotionFrame[] {
    const frames: MotionFrame[] = [];
    for (; next < end; next++) {
      const frame = animate(next);
      if (next >= firstFrame) frames.push(frame);
    }
    return frames;
  }

  const completeFrames = () => Math.floor((endUs() - lookAheadUs) / frameUs + 1e-6);

  return {
    push(samples, arrived, delivery) {
      if (delivery) expressions.change(endUs(), delivery);
      loudness.push(samples);
      pitch.push(samples);
      phones.push(arrived);
      received += samples.length;
    },
    prolong: (endUs) => phones.prolong(endUs),
    ready: () => take(completeFrames()),
    finish() {
      const settled = take(completeFrames());
      const last = take(Math.ceil(endUs() / frameUs - 1e-6));
      return [...settled, ...last.map((frame, index) => fade(frame, 1 - (index + 1) / last.length))];
    },
  };
}

function fade({ ptsUs, weights, head }: MotionFrame, factor: number): MotionFrame {
  return { ptsUs, weights: weights.map((weight) => weight * factor), head: scaled(head, factor) };
}

function scaled({ yaw, pitch, roll }: HeadPose, factor: number): HeadPose {
  const limited = (angle: number) => clamp(angle * factor, -headLimitRad, headLimitRad);
  return { yaw: limited(yaw), pitch: limited(pitch), roll: limited(roll) };
}
