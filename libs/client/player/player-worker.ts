import { type AccessUnit, readAvPacket, type TrackHeader, trackNumber } from "../wire/av-packet.ts";
import { type AudioDecoding, createAudioDecoding } from "./audio-decoding.ts";
import type { MotionPainter } from "./motion-painter.ts";
import { PictureLoop } from "./picture-loop.ts";
import { PlayClock } from "./play-clock.ts";
import type { FromPlayer, PainterSetup, PlayerStart, SoundReport, ToPlayer, ToSound } from "./player-messages.ts";
import { createVideoDecoding, type VideoDecoding } from "./video-decoding.ts";

const tell = (message: FromPlayer): void => postMessage(message);
const askKeyframe = () => tell({ type: "keyframe" });

/** Decodes what comes over the socket; sound goes on to the worklet, pictures onto the canvas. */
class Player {
  readonly #clock = new PlayClock();
  readonly #sound: MessagePort;
  readonly #contextRateHz: number;
  readonly #pictures: PictureLoop | undefined;
  #audio: AudioDecoding | undefined;
  #video: VideoDecoding | undefined;
  #videoHeader: TrackHeader | undefined;
  #painter: Promise<MotionPainter> | undefined;
  readonly #headers = new Map<number, string>();

  constructor({ canvas, soundPort, contextRateHz }: PlayerStart) {
    this.#sound = soundPort;
    this.#contextRateHz = contextRateHz;
    soundPort.onmessage = (event: MessageEvent<SoundReport>) => this.#reported(event.data);
    const context = canvas?.getContext("2d", { alpha: false, desynchronized: true });
    if (context) this.#pictures = new PictureLoop(context, this.#clock, tell, (atMs) => tell({ type: "first-picture", atMs }));
  }

  take(message: Exclude<ToPlayer, PlayerStart>): void {
    if (message.type === "packet") this.#packet(new Uint8Array(message.frame));
    else if (message.type === "anchor") this.#clock.anchor(message.contextS, message.atMs);
    else if (message.type === "painter") this.#openPainter(message);
    else if (message.type === "restart") this.#restart();
    else this.#close();
  }

  #packet(frame: Uint8Array): void {
    const body = readAvPacket(frame);
    if (body?.case === "header") this.#header(body.value);
    else if (body?.case === "unit") this.#unit(body.value);
  }

  #header(header: TrackHeader): void {
    if (this.#isRepeated(header)) return;
    if (header.track === trackNumber.audio) {
      this.#audio?.close();
      this.#audio = createAudioDecoding(header, this.#contextRateHz, (chunk) => this.#chunk(chunk), failed("audio"));
    } else if (this.#pictures) {
      const drawn = header.track === trackNumber.motion;
      this.#pictures.format(drawn ? 0 : header.width, drawn ? 0 : header.height, header.framesPerSecond);
      if (header.track === trackNumber.video) this.#openVideo(header);
    }
  }

  /** Headers are repeated for those who come later; a decoder that runs goes on. */
  #isRepeated(header: TrackHeader): boolean {
    const { revision: _, ...format } = header;
    const key = JSON.stringify({ ...format, description: [...header.description] });
    const repeated = this.#headers.get(header.track) === key;
    this.#headers.set(header.track, key);
    return repeated;
  }

  #unit(unit: AccessUnit): void {
    if (unit.track === trackNumber.audio) this.#audio?.decode(unit);
    else if (unit.track === trackNumber.video) this.#video?.decode(unit);
    else void this.#painter?.then((painter) => this.#pictures?.push(painter.frame(unit))).catch(() => undefined);
  }

  #chunk(chunk: Extract<ToSound, { type: "chunk" }>["chunk"]): void {
    const whole = chunk.samples.byteLength === chunk.samples.buffer.byteLength ? chunk : { ...chunk, samples: chunk.samples.slice() };
    this.#toSound({ type: "chunk", chunk: whole }, [whole.samples.buffer]);
  }

  #toSound(message: ToSound, transfer: Transferable[] = []): void {
    this.#sound.postMessage(message, transfer);
  }

  #openVideo(header: TrackHeader): void {
    this.#video?.close();
    this.#videoHeader = header;
    this.#video = createVideoDecoding(
      header,
      (frame) => this.#pictures?.push(frame),
      askKeyframe,
      (error) => {
        failed("video")(error);
        // A decoder that lost its way begins anew at the next keyframe.
        if (this.#videoHeader === header) this.#openVideo({ ...header });
        askKeyframe();
      },
    );
  }

  #openPainter(setup: PainterSetup): void {
    this.#pictures?.format(setup.width, setup.height, 0);
    this.#painter = import(setup.moduleUrl).then((module: typeof import("./motion-painter.ts")) => module.createMotionPainter(setup));
    this.#painter.catch(failed("motion"));
  }

  #reported(report: SoundReport): void {
    this.#clock.rendered(report.play);
    this.#pictures?.reported(report);
  }

  #restart(): void {
    this.#headers.clear();
    this.#pictures?.restart();
    this.#toSound({ type: "clear" });
  }

  #close(): void {
    this.#pictures?.close();
    this.#audio?.close();
    this.#video?.close();
    close();
  }
}

const failed = (what: "audio" | "video" | "motion") => (error: unknown) =>
  tell({ type: "failed", what, message: error instanceof Error ? error.message : String(error) });

let player: Player | undefined;
addEventListener("message", ({ data }: MessageEvent<ToPlayer>) => {
  if (data.type === "start") player = new Player(data);
  else player?.take(data);
});
