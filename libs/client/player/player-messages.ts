import type { PlayReport } from "./play-clock.ts";
import type { SoundChunk, SoundEvent } from "./sound-queue.ts";

/** What the sound worklet is told. Chunks come from the decoding worker over a port of their own, the rest from the page. */
export type ToSound =
  | { readonly type: "port"; readonly port: MessagePort }
  | { readonly type: "chunk"; readonly chunk: SoundChunk }
  | { readonly type: "hold" | "release" | "cancel"; readonly response: number }
  | { readonly type: "clear" };

/** What the sound worklet tells page and worker, every few blocks and when something happened. */
export interface SoundReport {
  readonly play: PlayReport;
  readonly bufferedUs: number;
  readonly targetUs: number;
  readonly underruns: number;
  /** Response that sounds; 0: none. */
  readonly sounding: number;
  /** Where the first speech in the buffer begins, on the session scale; undefined: there is none. */
  readonly speechUs: number | undefined;
  /** Each with the context time at which it was rendered. */
  readonly events: readonly (SoundEvent & { readonly contextS: number })[];
}

export interface PlayerStart {
  readonly type: "start";
  /** Where pictures are drawn; absent: none are wanted. */
  readonly canvas?: OffscreenCanvas;
  readonly soundPort: MessagePort;
  readonly contextRateHz: number;
}

/** How motion is drawn by the client. */
export interface PainterSetup {
  readonly type: "painter";
  /** Of the painter's module, the avatar's asset and the label's font. */
  readonly moduleUrl: string;
  readonly avatarUrl: string;
  readonly fontUrl: string;
  /** Text of the visible label. */
  readonly label: string;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

export type ToPlayer =
  | PlayerStart
  | PainterSetup
  | { readonly type: "packet"; readonly frame: ArrayBuffer }
  | { readonly type: "anchor"; readonly contextS: number; readonly atMs: number }
  /** Picture and sound come anew after a lost connection. */
  | { readonly type: "restart" }
  | { readonly type: "close" };

export interface PictureReport {
  readonly type: "picture";
  readonly shown: number;
  readonly dropped: number;
  /** Sound minus picture as shown: positive where the sound is late. Mean of the last quarter second. */
  readonly avOffsetUs: number;
  /** Of the picture on the screen, on the session scale. */
  readonly ptsUs: number;
  readonly framesPerSecond: number;
  readonly width: number;
  readonly height: number;
}

export type FromPlayer =
  | PictureReport
  | { readonly type: "first-picture"; readonly atMs: number }
  | { readonly type: "keyframe" }
  | { readonly type: "failed"; readonly what: "audio" | "video" | "motion"; readonly message: string };

/** Milliseconds since 1970 on the monotonic clock: the same in page and worker. */
export const sharedNowMs = (): number => performance.timeOrigin + performance.now();
