import { bytesToPcm16, pcm16ToFloat } from "@troupe/audio";
import type { Taken } from "./in-page/taking.ts";

/** Pictures of the avatar as grids of brightness, on the recording's clock. */
export interface Frames {
  /** When each was shown, in seconds. */
  readonly timesS: readonly number[];
  /** One brightness (0..255) for each cell, row by row. */
  readonly cells: readonly Uint8Array[];
}

/** An event of the conversation as the page got it. */
export interface ReceivedEvent {
  readonly timeS: number;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What the person said and heard, sampled together on one clock; times in seconds of that clock. */
export interface Recording {
  readonly rateHz: number;
  readonly startS: number;
  readonly microphone: Float32Array;
  readonly output: Float32Array;
  readonly frames: Frames;
  readonly events: readonly ReceivedEvent[];
  /** From a sample of `output` to the same sample at the loudspeaker. */
  readonly outputLatencyS: number;
  readonly oneClock: boolean;
  /** Animation frames at which the avatar's canvas was empty, since the page was opened. */
  readonly blankFrames: number;
}

export function decodeRecording(taken: Taken, cellsPerPicture: number): Recording {
  const cells = new Uint8Array(Buffer.from(taken.frames.cells, "base64"));
  return {
    rateHz: taken.rateHz,
    startS: taken.startS,
    microphone: samplesOf(taken.microphone),
    output: samplesOf(taken.output),
    frames: {
      timesS: taken.frames.timesS,
      cells: taken.frames.timesS.map((_, n) => cells.subarray(n * cellsPerPicture, (n + 1) * cellsPerPicture)),
    },
    events: taken.events.map(({ timeS, event }) => ({ ...event, timeS })),
    outputLatencyS: taken.outputLatencyS,
    oneClock: taken.oneClock,
    blankFrames: taken.blankFrames,
  };
}

const samplesOf = (base64: string) => pcm16ToFloat(bytesToPcm16(new Uint8Array(Buffer.from(base64, "base64"))));

/** Consecutive recordings as one; an empty one where there are none. */
export function joinRecordings(parts: readonly Recording[]): Recording {
  const filled = parts.filter(({ output }) => output.length > 0);
  const first = filled[0];
  const [rateHz, startS] = [first?.rateHz ?? 16_000, first?.startS ?? 0];
  const last = filled.at(-1);
  const placeOf = (part: Recording) => Math.round((part.startS - startS) * rateHz);
  const join = (of: (part: Recording) => Float32Array) => {
    const joined = new Float32Array(last ? placeOf(last) + last.output.length : 0);
    for (const part of filled) joined.set(of(part), placeOf(part));
    return joined;
  };
  return {
    rateHz,
    startS,
    microphone: join(({ microphone }) => microphone),
    output: join(({ output }) => output),
    frames: { timesS: parts.flatMap(({ frames }) => frames.timesS), cells: parts.flatMap(({ frames }) => frames.cells) },
    events: parts.flatMap(({ events }) => events),
    outputLatencyS: first?.outputLatencyS ?? 0,
    oneClock: parts.every(({ oneClock }) => oneClock),
    blankFrames: parts.at(-1)?.blankFrames ?? 0,
  };
}
