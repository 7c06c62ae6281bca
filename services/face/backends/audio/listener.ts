import { createResampler, pcm16ToFloat } from "@troupe/audio";
import type { MotionFrame, SpeechChunk, TimedPhone } from "../backend.ts";
import { type Animator, createAnimator } from "../phones/animator.ts";
import { createHeardPhones, silenceLastsUs } from "./heard-phones.ts";
import { sampleRateHz } from "./mel-stream.ts";
import { type MouthNetLayout, type MouthNetOutput, type MouthNetState, stepSamples } from "./mouth-net.ts";

/** Runs the network somewhere. */
export type Hear = (state: MouthNetState, samples: Float32Array) => Promise<MouthNetOutput>;

/** Animates one response by listening to it. */
export interface Listener extends Disposable {
  /** Frames that the speech so far allows. */
  push(samples: Int16Array): Promise<MotionFrame[]>;
  /** The remaining frames. */
  finish(): Promise<MotionFrame[]>;
}

export interface ListenerOptions {
  readonly first: Pick<SpeechChunk, "ptsUs" | "sampleRateHz">;
  readonly framesPerSecond: number;
  readonly layout: MouthNetLayout;
  readonly firstState: MouthNetState;
  readonly hear: Hear;
}

const stepUs = (stepSamples * 1_000_000) / sampleRateHz;
/**
 * The network hears the sound so much later, in samples at 16 kHz: the resampler looks up to 2 ms ahead, and so a step's result is there
 * by the time that the step's sound is.
 */
const lagSamples = 48;
const lagUs = (lagSamples * 1_000_000) / sampleRateHz;

/**
 * The network's steps and the animator's frames lie on one time scale. What a frame may know is settled by time alone: a step's phone is
 * handed over after the sound up to the step's end, and no sound beyond it before. So chunks can be cut anywhere.
 */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const { first, layout } = options;
  const resampler = await createResampler({ fromHz: first.sampleRateHz, toHz: sampleRateHz });
  const network = createNetworkStream(options);
  const animation = createAnimation(options);
  const heardPhones = createHeardPhones(layout);
  animation.hear({ symbol: "", startUs: first.ptsUs, endUs: first.ptsUs + silenceLastsUs });
  /** Results of the network whose sound is not all shown yet. */
  const results: Float32Array[] = [];
  let steps = 0;

  function* split(posteriors: Float32Array): Generator<Float32Array> {
    const size = layout.phones.length;
    for (let from = 0; from < posteriors.length; from += size) yield posteriors.subarray(from, from + size);
  }

  /** Hands over what is due: sound up to the end of a step, then the step's phone, and so on. */
  function advance(isDue: (untilUs: number) => boolean): MotionFrame[] {
    const frames = animation.advance((steps + 1) * stepUs);
    while (results.length > 0 && isDue((steps + 1) * stepUs)) {
      const startUs = first.ptsUs + (steps - layout.lateSteps) * stepUs - lagUs - Number(process.env.SHIFT ?? 0) * 1000;
      const heard = heardPhones.hear(results.shift() as Float32Array, startUs, startUs + stepUs);
      if (steps >= layout.lateSteps) animation.hear(heard);
      steps++;
      frames.push(...animation.advance((steps + 1) * stepUs));
    }
    return frames;
  }

  return {
    async push(samples) {
      animation.receive(samples);
      results.push(...split(await network.push(resampler.push(pcm16ToFloat(samples)))));
      return advance(animation.hasShown);
    },
    async finish() {
      const rest = joinFloats(resampler.flush(), new Float32Array((layout.lateSteps + 2) * stepSamples));
      results.push(...split(await network.push(rest)));
      return [...advance(() => true), ...animation.advance(Number.POSITIVE_INFINITY), ...animation.animator.finish()];
    },
    [Symbol.dispose]: () => resampler[Symbol.dispose](),
  };
}

/** Gathers 16 kHz samples into whole steps and carries the network's state. */
function createNetworkStream({ firstState, hear }: Pick<ListenerOptions, "firstState" | "hear">) {
  let state = firstState;
  let waiting: Float32Array = new Float32Array(lagSamples);
  return {
    /** @returns the probabilities of the steps that are complete */
    async push(samples: Float32Array): Promise<Float32Array> {
      waiting = joinFloats(waiting, samples);
      const complete = waiting.length - (waiting.length % stepSamples);
      if (complete === 0) return new Float32Array();
      const output = await hear(state, waiting.slice(0, complete));
      waiting = waiting.slice(complete);
      state = output.state;
      return output.posteriors;
    },
  };
}

/** Holds back sound that the network has not heard yet. */
function createAnimation({ first, framesPerSecond }: Pick<ListenerOptions, "first" | "framesPerSecond">) {
  const animator: Animator = createAnimator(first, framesPerSecond);
  let held: Int16Array = new Int16Array();
  let shown = 0;
  let lastSymbol: string | undefined;
  const samplesUntil = (untilUs: number) => Math.floor((untilUs * first.sampleRateHz) / 1_000_000 + 1e-6);
  return {
    animator,
    /** Steps of the same phone are one phone. */
    hear(phone: TimedPhone): void {
      if (phone.symbol === lastSymbol) animator.prolong(phone.endUs);
      else animator.push(new Int16Array(), [phone]);
      lastSymbol = phone.symbol;
    },
    hasShown: (untilUs: number) => shown >= samplesUntil(untilUs),
    receive(samples: Int16Array): void {
      const joined = new Int16Array(held.length + samples.length);
      joined.set(held);
      joined.set(samples, held.length);
      held = joined;
    },
    /** Lets the sound up to a moment, from the first sample, go to the animator. */
    advance(untilUs: number): MotionFrame[] {
      const count = Math.min(held.length, samplesUntil(untilUs) - shown);
      if (count <= 0) return [];
      animator.push(held.subarray(0, count), []);
      held = held.slice(count);
      shown += count;
      return animator.ready();
    },
  };
}

function joinFloats(one: Float32Array, other: Float32Array): Float32Array {
  const joined = new Float32Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}
