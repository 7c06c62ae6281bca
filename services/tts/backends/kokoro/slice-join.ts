import { toSamples } from "./signal-format.ts";

/** Silence before the first sound of a run, and after its last one at rate 1; clauses follow one another directly. */
export const leadInSamples = toSamples(20);
const pauseMs = { sentence: 250, clause: 100, none: 30 } as const;
export type RunEnding = keyof typeof pauseMs;

/** Two windows sound the same here but for what their context does not show: a short fade hides that. */
export const crossFadeSamples = toSamples(8);
const edgeFadeSamples = toSamples(5);

/** Fades from the sound of the slice before into this one's start, in place. */
export function crossFade(samples: Float32Array, tail: Float32Array): void {
  const count = Math.min(tail.length, samples.length);
  for (let index = 0; index < count; index++) {
    const share = (index + 0.5) / count;
    samples[index] = (samples[index] as number) * share + (tail[index] as number) * (1 - share);
  }
}

/** The samples up to where the sound ends, faded out, and the pause that the run's ending asks for. */
export function endWithPause(samples: Float32Array, soundEnd: number, ending: RunEnding, rate: number): Float32Array {
  const output = new Float32Array(soundEnd + toSamples(pauseMs[ending] / rate));
  output.set(samples.subarray(0, Math.min(samples.length, output.length)));
  for (let index = soundEnd; index < output.length; index++) {
    output[index] = (output[index] as number) * Math.max(0, 1 - (index - soundEnd) / edgeFadeSamples);
  }
  return output;
}
