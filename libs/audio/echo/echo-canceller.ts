import { EchoPath } from "./echo-path.ts";
import { createRealFourier } from "./half-spectrum.ts";
import { ResidualSuppressor } from "./residual-suppressor.ts";

export interface EchoCancellerOptions {
  readonly sampleRateHz: number;
  /** From the playing of a sound to the end of its echo, the delay of the devices included. 100..1000 */
  readonly tailMs: number;
}

/** Takes the sound of a loudspeaker out of that of a microphone beside it. */
export interface EchoCanceller {
  /**
   * @param mic any number of samples, -1..1
   * @param reference what the loudspeaker plays meanwhile, on the same clock; as many samples
   * @returns as many samples of what is not echo, `delaySamples` late
   */
  push(mic: Float32Array, reference: Float32Array): Float32Array;
  readonly delaySamples: number;
}

const blockMs = 8;

/**
 * Echo cancellation for a microphone beside the avatar's own loudspeaker. Runs wherever JavaScript runs, a worklet's processor included:
 * no imports but our own, nothing to load, and but one array allocated per call. The ports of WebRTC's canceller that are kept take
 * 48 kHz alone and are loaded asynchronously, which a processor cannot wait for.
 */
export function createEchoCanceller({ sampleRateHz, tailMs }: EchoCancellerOptions): EchoCanceller {
  const block = blockOf(sampleRateHz);
  const blockSeconds = block / sampleRateHz;
  const fourier = createRealFourier(2 * block);
  const path = new EchoPath({ fourier, partitions: Math.max(1, Math.ceil(tailMs / 1000 / blockSeconds)), blockSeconds });
  const suppressor = new ResidualSuppressor(fourier, blockSeconds);
  const mic = new Float64Array(block);
  const reference = new Float64Array(block);
  const done = new Float64Array(block);
  let at = 0;

  return {
    delaySamples: 2 * block,
    push(micSamples, referenceSamples) {
      const output = new Float32Array(micSamples.length);
      for (let index = 0; index < micSamples.length; index++) {
        output[index] = done[at] as number;
        mic[at] = micSamples[index] as number;
        reference[at] = referenceSamples[index] ?? 0;
        if (++at < block) continue;
        at = 0;
        suppressor.suppress(path.filter(mic, reference), done);
      }
      return output;
    },
  };
}

/** About 8 ms, of a size that transforms quickly. */
function blockOf(sampleRateHz: number): number {
  let block = Math.max(1, Math.round((sampleRateHz * blockMs) / 1000));
  while (!isSmooth(block)) block++;
  return block;
}

function isSmooth(size: number): boolean {
  let rest = size;
  for (const factor of [2, 3, 5, 7]) while (rest % factor === 0) rest /= factor;
  return rest === 1;
}
