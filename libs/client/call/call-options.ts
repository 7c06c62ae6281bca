import type { ClientAssets } from "../assets.ts";
import type { OutputJson } from "../wire/server-event.ts";

/** How turns are taken: by voice activity, or by holding a button. */
export type TurnMode = "hands-free" | "push-to-talk";

export type PlayerKind = "webcodecs" | "mse";

/** What this browser plays with. */
export const playerFor = (wanted: PlayerKind | undefined): PlayerKind =>
  wanted ?? (typeof VideoDecoder === "undefined" ? "mse" : "webcodecs");

export interface CallOptions {
  /** Of the gateway: `https://host[:port]`. Default: where the client's own script came from. */
  readonly url?: string;
  /** API key or client secret; none is needed where the gateway lets this page in without. */
  readonly token?: string;
  /** Name; default the gateway's. */
  readonly avatar?: string;
  /** BCP-47; default: recognised. */
  readonly language?: string;
  /** Spoken first. */
  readonly greeting?: string;
  /** Form of picture and sound; the sound's codec is chosen by what the browser can decode. Default 512x512 at 25 frames a second. */
  readonly output?: OutputJson;
  /** Where pictures appear. A canvas is drawn on by a worker from then on; absent: sound only. */
  readonly canvas?: HTMLCanvasElement;
  /** Where pictures appear in place of `canvas` when they are played by Media Source Extensions. */
  readonly video?: HTMLVideoElement;
  /** Default: WebCodecs where the browser has it, else MSE (about 0.2 s more delay). */
  readonly player?: PlayerKind;
  /** Who draws: the server (default), or the client from the avatar's motion (a permission of the key). */
  readonly render?: "server" | "client";
  /**
   * false: no microphone is asked for. Default true, with the browser's echo cancelling, noise suppression and gain control
   * (`processing`); where the browser cancels no echo, our own canceller does (`cancelEcho`).
   */
  readonly microphone?: boolean | { readonly processing?: boolean; readonly cancelEcho?: boolean };
  readonly turns?: TurnMode;
  readonly assets?: ClientAssets;
}

export const defaultOutput: OutputJson = { width: 512, height: 512, frames_per_second: 25, captions: false };
