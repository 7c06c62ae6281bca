/// <reference lib="dom" />

/**
 * What runs inside the page under test, before any code of its own. These functions are turned into text and put together
 * (../init-script.ts): they may use each other and the browser, and nothing else.
 */

/** One AudioContext of the page, its output and how its clock stands to performance.now(). */
export interface BenchContext {
  readonly context: AudioContext;
  /** Everything that the page connects to the destination goes through here as well. */
  readonly tap: GainNode;
  /** What the recorder takes as the microphone. */
  readonly microphone: GainNode;
  /** performance.now() / 1000 less currentTime, recent values. */
  readonly offsetsS: number[];
  /** The same for the sample that leaves the device. */
  readonly heardOffsetsS: number[];
}

/** Samples of both channels from `startS` of the context's clock on, at `rateHz`. */
export interface RecordedBlock {
  readonly context: number;
  readonly startS: number;
  readonly rateHz: number;
  readonly microphone: Float32Array;
  readonly output: Float32Array;
}

export interface BenchEvent {
  /** performance.now() */
  readonly nowMs: number;
  readonly event: { readonly type: string };
}

export interface BenchState {
  readonly contexts: BenchContext[];
  /** The context in which the microphone is; its clock is the recording's. */
  clock: BenchContext | undefined;
  readonly blocks: RecordedBlock[];
  readonly frames: { readonly nowMs: number; readonly cells: Uint8Array }[];
  readonly events: BenchEvent[];
  readonly sounds: Map<string, AudioBuffer>;
  readonly sockets: Set<WebSocket>;
  binaryMessages: number;
  /** Animation frames at which the avatar's canvas was empty. */
  blankFrames: number;
  /** Whether sockets are kept from connecting, as without a network. */
  offline: boolean;
}

/** The one object of the harness in the page. */
export function createBench(): BenchState {
  return {
    contexts: [],
    clock: undefined,
    blocks: [],
    frames: [],
    events: [],
    sounds: new Map(),
    sockets: new Set(),
    binaryMessages: 0,
    blankFrames: 0,
    offline: false,
  };
}
