import { type DuePicture, PictureSchedule } from "./picture-schedule.ts";
import type { PlayClock } from "./play-clock.ts";
import { type PictureReport, type SoundReport, sharedNowMs } from "./player-messages.ts";
import type { PictureFrame } from "./video-decoding.ts";

/** Where there are no animation frames. */
const pollMs = 8;
const reportMs = 250;

/** Draws each picture when it is due, and measures how well it meets its sound. */
export class PictureLoop {
  readonly #schedule: PictureSchedule<PictureFrame>;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #report: (report: PictureReport) => void;
  readonly #onFirst: (atMs: number) => void;
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
    this.#schedule = new PictureSchedule(clock);
    this.#report = report;
    this.#onFirst = onFirst;
    this.#next();
  }

  /** A track begins. */
  format(width: number, height: number, framesPerSecond: number): void {
    const { canvas } = this.#context;
    if (width > 0 && (canvas.width !== width || canvas.height !== height)) Object.assign(canvas, { width, height });
    if (framesPerSecond > 0) this.#schedule.setFrameRate(framesPerSecond);
  }

  push(frame: PictureFrame): void {
    this.#schedule.push(frame);
  }

  reported(report: SoundReport): void {
    this.#schedule.reported(report, sharedNowMs());
  }

  restart(): void {
    this.#schedule.restart();
    this.#lastPtsUs = -1;
  }

  close(): void {
    this.#running = false;
    this.#schedule.restart();
  }

  #next(): void {
    if (!this.#running) return;
    if (typeof requestAnimationFrame === "function") requestAnimationFrame(() => this.#tick());
    else setTimeout(() => this.#tick(), pollMs);
  }

  #tick(): void {
    const nowMs = sharedNowMs();
    const due = this.#schedule.due(nowMs);
    if (due) this.#show(due, nowMs);
    if (nowMs - this.#reportedMs >= reportMs) this.#tell(nowMs);
    this.#next();
  }

  #show({ frame, offsetUs }: DuePicture<PictureFrame>, nowMs: number): void {
    frame.draw(this.#context);
    frame.close();
    if (this.#shown++ === 0) this.#onFirst(nowMs);
    if (offsetUs !== undefined) this.#offsets.push(offsetUs);
    this.#lastPtsUs = frame.ptsUs;
  }

  #tell(nowMs: number): void {
    const shown = this.#shown - this.#shownBefore;
    if (this.#offsets.length > 0) this.#avOffsetUs = this.#offsets.reduce((sum, offset) => sum + offset, 0) / this.#offsets.length;
    this.#report({
      type: "picture",
      shown: this.#shown,
      dropped: this.#schedule.dropped,
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
