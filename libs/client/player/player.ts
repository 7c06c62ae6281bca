import { type ClientAssets, startWorker } from "../assets.ts";
import { PlayClock } from "./play-clock.ts";
import {
  type FromPlayer,
  type PainterSetup,
  type PictureReport,
  type SoundReport,
  sharedNowMs,
  type ToPlayer,
  type ToSound,
} from "./player-messages.ts";

/** How picture and sound are doing, as shown and heard. */
export interface PlayerReadout {
  /** What leaves the speaker now, on the session scale. */
  readonly positionUs: number;
  readonly bufferedUs: number;
  readonly targetUs: number;
  readonly underruns: number;
  /** Response that sounds; 0: none. */
  readonly sounding: number;
  readonly picture: Omit<PictureReport, "type">;
}

export interface PlayerEvents {
  /** The first sample of a response leaves the speaker at `atMs` (milliseconds since 1970). */
  started(response: number, atMs: number): void;
  /** A response fell silent before its sound ran out. */
  silenced(response: number, atUs: number): void;
  firstPicture(atMs: number): void;
  keyframeNeeded(): void;
  failed(what: string, message: string): void;
}

export interface PlayerOptions {
  readonly assets: ClientAssets;
  readonly context: AudioContext;
  readonly canvas: HTMLCanvasElement | undefined;
  readonly events: PlayerEvents;
}

const anchorMs = 50;
const noPicture = { shown: 0, dropped: 0, avOffsetUs: 0, ptsUs: -1, framesPerSecond: 0, width: 0, height: 0 };

/** Plays what comes over the socket: decoding in a worker, sound in an AudioWorklet, which is the clock of the pictures. */
export interface Player {
  /** Of the page's sound, for the echo canceller. */
  readonly output: AudioNode;
  packet(frame: ArrayBuffer): void;
  hold(response: number): void;
  release(response: number): void;
  cancel(response: number): void;
  /** After a lost connection. */
  restart(): void;
  /** Pictures are drawn here from motion. */
  drawMotion(picture: Pick<PainterSetup, "avatarUrl" | "label" | "width" | "height">): void;
  readout(): PlayerReadout;
  close(): void;
}

/** Loads the worklet of the sound and starts the worker. */
export async function createPlayer({ assets, context, canvas, events }: PlayerOptions): Promise<Player> {
  await context.audioWorklet.addModule(assets.soundWorklet);
  const node = new AudioWorkletNode(context, "troupe-sound", { numberOfInputs: 0, outputChannelCount: [1] });
  node.connect(context.destination);
  const worker = startWorker(assets.playerWorker);
  const { port1, port2 } = new MessageChannel();
  const toSound = (message: ToSound, transfer: Transferable[] = []) => node.port.postMessage(message, transfer);
  const toWorker = (message: ToPlayer, transfer: Transferable[] = []) => worker.postMessage(message, transfer);
  toSound({ type: "port", port: port1 }, [port1]);
  const drawing = canvas?.transferControlToOffscreen();
  toWorker({ type: "start", soundPort: port2, contextRateHz: context.sampleRate, ...(drawing ? { canvas: drawing } : {}) }, [
    port2,
    ...(drawing ? [drawing] : []),
  ]);
  const clock = new PlayClock();
  const state = { sound: undefined as SoundReport | undefined, picture: noPicture as PlayerReadout["picture"] };
  const anchor = () => {
    const { contextS, atMs } = speakerTime(context);
    clock.anchor(contextS, atMs);
    toWorker({ type: "anchor", contextS, atMs });
  };
  anchor();
  const anchoring = setInterval(anchor, anchorMs);
  node.port.onmessage = ({ data }: MessageEvent<SoundReport>) => {
    state.sound = data;
    clock.rendered(data.play);
    for (const event of data.events) {
      if (event.type === "started") events.started(event.response, clock.speakerMs(event.contextS));
      else if (event.type === "silenced") events.silenced(event.response, Math.round(event.atUs));
    }
  };
  worker.onmessage = ({ data }: MessageEvent<FromPlayer>) => {
    if (data.type === "picture") state.picture = data;
    else if (data.type === "first-picture") events.firstPicture(data.atMs);
    else if (data.type === "keyframe") events.keyframeNeeded();
    else events.failed(data.what, data.message);
  };
  worker.onerror = (event) => events.failed("worker", event.message);
  return {
    output: node,
    packet: (frame) => toWorker({ type: "packet", frame }, [frame]),
    hold: (response) => toSound({ type: "hold", response }),
    release: (response) => toSound({ type: "release", response }),
    cancel: (response) => toSound({ type: "cancel", response }),
    restart: () => toWorker({ type: "restart" }),
    drawMotion: (picture) => toWorker({ ...picture, type: "painter", moduleUrl: assets.motionPainter, fontUrl: assets.labelFont }),
    readout() {
      const { sound, picture } = state;
      const positionUs = Math.max(0, Math.round(clock.positionUs(sharedNowMs()) ?? 0));
      const { bufferedUs = 0, targetUs = 0, underruns = 0, sounding = 0 } = sound ?? {};
      return { positionUs, bufferedUs: Math.round(bufferedUs), targetUs, underruns, sounding, picture };
    },
    close() {
      clearInterval(anchoring);
      toWorker({ type: "close" });
      node.disconnect();
      node.port.onmessage = null;
    },
  };
}

/** Which context time leaves the speaker, and when; browsers without output timestamps estimate it from the latency. */
function speakerTime(context: AudioContext): { readonly contextS: number; readonly atMs: number } {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp?.() ?? {};
  if (contextTime > 0 && performanceTime > 0) return { contextS: contextTime, atMs: performance.timeOrigin + performanceTime };
  const latencyS = context.outputLatency || context.baseLatency || 0;
  return { contextS: context.currentTime - latencyS, atMs: sharedNowMs() };
}
