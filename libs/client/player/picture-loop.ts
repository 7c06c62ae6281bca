import { FrameQueue } from "./frame-queue.ts";
import type { PlayClock } from "./play-clock.ts";
import { type PictureReport, sharedNowMs } from "./player-messages.ts";
import type { PictureFrame } from "./video-decoding.ts";

/** From drawing on a canvas to its pixels on the screen: the next refresh. */
const displayMs = 16;
const reportMs = 250;

/** Draws each picture when its sound leaves the speaker, and measures how well the two meet. */
export class PictureLoop {
  readonly frames = new FrameQueue<PictureFrame>();
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #clock: PlayClock;
  readonly #report: (report: PictureReport) => void;
  readonly #onFirst: (atMs: number) => void;
  #halfFrameUs = 20_000;
  #shown = 0;
  #shownBefore = 0;
  #offsets: number[] = [];
  #avOffsetUs = 0;
  #lastPtsUs = -1;
  #reportedMs = sharedNowMs();
  #running = true;

  constructor(
    context: OffscreenCanvasRenderingContext2D,
    clock: PlayClock,
    report: (report: PictureReport) => void,
    onFirst: (atMs: number) => void,
  ) {
    this.#context = context;
    this.#clock = clock;
    this.#report = report;
    this.#onFirst = onFirst;
    this.#next();
  }

  /** A track begins. */
  format(width: number, height: number, framesPerSecond: number): void {
    const { canvas } = this.#context;
    if (width > 0 && (canvas.width !== width || canvas.height !== height)) Object.assign(canvas, { width, height });
    if (framesPerSecond > 0) this.#halfFrameUs = 500_000 / framesPerSecond;
  }

  restart(): void {
    this.frames.clear();
    this.#lastPtsUs = -1;
  }

  close(): void {
    this.#running = false;
    this.frames.clear();
  }

  #next(): void {
    if (!this.#running) return;
    if (typeof requestAnimationFrame === "function") requestAnimationFrame(() => this.#tick());
    else setTimeout(() => this.#tick(), displayMs / 2);
  }

  #tick(): void {
    const nowMs = sharedNowMs();
    const positionUs = this.#clock.positionUs(nowMs + displayMs);
    // Before any sound: the face is there at once.
    const frame = this.frames.due(positionUs === undefined ? Number.POSITIVE_INFINITY : positionUs + this.#halfFrameUs);
    if (frame) this.#show(frame, positionUs, nowMs);
    if (nowMs - this.#reportedMs >= reportMs) this.#tell(nowMs);
    this.#next();
  }

  #show(frame: PictureFrame, positionUs: number | undefined, nowMs: number): void {
    frame.draw(this.#context);
    frame.close();
    if (this.#shown++ === 0) this.#onFirst(nowMs);
    if (positionUs !== undefined) this.#offsets.push(frame.ptsUs - positionUs);
    this.#lastPtsUs = frame.ptsUs;
  }

  #tell(nowMs: number): void {
    const shown = this.#shown - this.#shownBefore;
    if (this.#offsets.length > 0) this.#avOffsetUs = this.#offsets.reduce((sum, offset) => sum + offset, 0) / this.#offsets.length;
    this.#report({
      type: "picture",
      shown: this.#shown,
      dropped: this.frames.dropped,
      avOffsetUs: Math.round(this.#avOffsetUs),
      framesPerSecond: (shown * 1000) / (nowMs - this.#reportedMs),
      width: this.#context.canvas.width,
      height: this.#context.canvas.height,
      ptsUs: this.#lastPtsUs,
    });
    this.#offsets = [];
    this.#shownBefore = this.#shown;
    this.#reportedMs = nowMs;
  }
}
