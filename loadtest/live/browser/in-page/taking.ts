/// <reference lib="dom" />
import type { BenchState } from "./bench.ts";

/** What was recorded since the last time, as JSON can carry it. Times in seconds of the clock. */
export interface Taken {
  readonly rateHz: number;
  readonly startS: number;
  /** base64 of signed 16-bit samples, the same length. */
  readonly microphone: string;
  readonly output: string;
  readonly frames: { readonly timesS: readonly number[]; readonly cells: string };
  readonly events: readonly { readonly timeS: number; readonly event: { readonly type: string } }[];
  /** From a sample on the clock to the same sample at the device. */
  readonly outputLatencyS: number;
  /** Whether microphone and output were in one AudioContext. */
  readonly oneClock: boolean;
  readonly binaryMessages: number;
  /** Since the page was opened. */
  readonly blankFrames: number;
}

export function takeRecording(bench: BenchState): Taken {
  const clock = bench.clock;
  const index = clock ? bench.contexts.indexOf(clock) : 0;
  const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
  const offsetS = middle(clock?.offsetsS ?? []);
  const latencyS = clock && clock.heardOffsetsS.length > 0 ? middle(clock.heardOffsetsS) - offsetS : 0;
  const blocks = bench.blocks.splice(0);
  const own = blocks.filter(({ context }) => context === index);
  const others = blocks.filter(({ context, output }) => context !== index && output.some((value) => value !== 0));
  const [first] = own;
  const [rateHz, startS] = [first?.rateHz ?? 16_000, first?.startS ?? 0];
  const last = own.at(-1);
  const length = last ? Math.round((last.startS - startS) * rateHz) + last.output.length : 0;
  const microphone = new Float32Array(length);
  const output = new Float32Array(length);
  const add = (target: Float32Array, samples: Float32Array, at: number) => {
    for (let n = Math.max(0, -at); n < samples.length && at + n < length; n++)
      target[at + n] = (target[at + n] ?? 0) + (samples[n] as number);
  };
  for (const block of own) {
    add(microphone, block.microphone, Math.round((block.startS - startS) * rateHz));
    add(output, block.output, Math.round((block.startS - startS) * rateHz));
  }
  for (const block of others) {
    const shiftS = middle(bench.contexts[block.context]?.offsetsS ?? []) - offsetS;
    if (block.rateHz === rateHz) add(output, block.output, Math.round((block.startS + shiftS - startS) * rateHz));
  }
  const packed = (samples: Float32Array) => {
    const pcm = Int16Array.from(samples, (value) => Math.max(-32768, Math.min(32767, Math.round(value * 32767))));
    return new Uint8Array(pcm.buffer).toBase64();
  };
  const frames = bench.frames.splice(0);
  const size = frames[0]?.cells.length ?? 0;
  const cells = new Uint8Array(frames.length * size);
  for (const [n, frame] of frames.entries()) cells.set(frame.cells, n * size);
  const binaryMessages = bench.binaryMessages;
  bench.binaryMessages = 0;
  return {
    rateHz,
    startS,
    microphone: packed(microphone),
    output: packed(output),
    frames: { timesS: frames.map(({ nowMs }) => nowMs / 1000 - offsetS), cells: cells.toBase64() },
    events: bench.events.splice(0).map(({ nowMs, event }) => ({ timeS: nowMs / 1000 - offsetS, event })),
    outputLatencyS: latencyS,
    oneClock: others.length === 0,
    binaryMessages,
    blankFrames: bench.blankFrames,
  };
}
