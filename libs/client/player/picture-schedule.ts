import { FrameQueue, type TimedFrame } from "./frame-queue.ts";
import type { PlayClock } from "./play-clock.ts";
import type { SoundReport } from "./player-messages.ts";

/** From drawing on a canvas to its pixels on the screen: the next refresh. */
const displayMs = 16;
/** By then a mouth has closed: the server stops the face as soon as it tells the client to stop the sound. */
const settleMs = 200;
/** So much of their own speed have pictures that ran ahead of the sound's time, until that has caught up. */
const easedSpeed = 0.5;

export interface DuePicture<Frame> {
  readonly frame: Frame;
  /** Picture minus sound, in session time; undefined where the picture belongs to no sound. */
  readonly offsetUs: number | undefined;
}

/**
 * Which picture is due: the one whose sound leaves the speaker when it is on the screen. Where a response fell silent there is nothing
 * to be in time with; for a moment pictures are shown as they come, so that the mouth closes now and not when the sound's buffer is
 * through. From there they go slowly until the sound's time has caught up, or stand where speech comes first: never back, and no lips
 * before their sound.
 */
export class PictureSchedule<Frame extends TimedFrame> {
  readonly #frames = new FrameQueue<Frame>();
  readonly #clock: PlayClock;
  #halfFrameUs = 20_000;
  #sounds = false;
  /** Where speech begins that has not been heard. */
  #speechUs = Number.POSITIVE_INFINITY;
  /** Until then pictures are shown as they come. */
  #settledAtMs = Number.NEGATIVE_INFINITY;
  /** How far pictures have come, on the session scale. */
  #reachedUs = Number.NEGATIVE_INFINITY;
  #lookedAtMs = 0;

  constructor(clock: PlayClock) {
    this.#clock = clock;
  }

  /** Pictures that were never shown. */
  get dropped(): number {
    return this.#frames.dropped;
  }

  setFrameRate(framesPerSecond: number): void {
    this.#halfFrameUs = 500_000 / framesPerSecond;
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
  }

  /** The sound queue tells what sounds and what happened to it. @param nowMs as for `due` */
  reported({ sounding, speechUs, events }: Pick<SoundReport, "sounding" | "speechUs" | "events">, nowMs: number): void {
    this.#sounds = sounding !== 0;
    this.#speechUs = speechUs ?? Number.POSITIVE_INFINITY;
    for (const event of events) {
      // What comes of the response now shows the mouth closing.
      if (event.type === "skipped" && !this.#isSettling(nowMs)) this.#frames.skip(event.fromUs, event.toUs);
      if (event.type === "silenced" && !this.#sounds) this.#runToEdge(nowMs);
    }
  }

  /** The picture to be drawn now, if there is another one. The caller closes it. @param nowMs of the clock's wall time; called in order */
  due(nowMs: number): DuePicture<Frame> | undefined {
    const positionUs = this.#clock.positionUs(nowMs + displayMs);
    // Before any sound: the face is there at once.
    const heardUs = positionUs === undefined ? Number.POSITIVE_INFINITY : positionUs + this.#halfFrameUs;
    const silentUs = this.#speechUs - this.#halfFrameUs;
    const untilUs = Math.max(heardUs, Math.min(this.#aheadUs(heardUs, nowMs), silentUs));
    this.#lookedAtMs = nowMs;
    const frame = this.#frames.due(untilUs);
    if (!frame) return undefined;
    this.#reachedUs = Math.max(this.#reachedUs, frame.ptsUs);
    const inTime = positionUs !== undefined && untilUs === heardUs;
    return { frame, offsetUs: inTime ? frame.ptsUs - positionUs : undefined };
  }

  /** Another scale begins, or the connection was lost. */
  restart(): void {
    this.#frames.clear();
    this.#settledAtMs = this.#reachedUs = Number.NEGATIVE_INFINITY;
  }

  #runToEdge(nowMs: number): void {
    this.#settledAtMs = nowMs + settleMs;
    this.#frames.forgetSkipped();
  }

  #isSettling(nowMs: number): boolean {
    return nowMs < this.#settledAtMs && !this.#sounds;
  }

  /** How far pictures may go though their time is not heard yet. */
  #aheadUs(heardUs: number, nowMs: number): number {
    if (this.#isSettling(nowMs)) return Number.POSITIVE_INFINITY;
    if (heardUs >= this.#reachedUs || this.#sounds) return heardUs;
    this.#reachedUs += easedSpeed * (nowMs - this.#lookedAtMs) * 1000;
    return this.#reachedUs;
  }
}
