import type { AccessUnit } from "../wire/av-packet.ts";

/** Pictures that are later than this after their sound do not come. Below what waits in the element. */
const lateS = 0.2;

/**
 * A media element stops where one of its tracks ends, so sound without pictures (they were left out on the way, or the server sends the voice
 * alone) needs one that stays: the last keyframe, once more.
 */
export class StillPicture {
  #keyframe: AccessUnit | undefined;
  #interrupted = false;

  /** @returns whether the picture can be shown: after one that stayed, those that follow from others cannot */
  take(unit: AccessUnit): boolean {
    if (unit.keyframe) {
      this.#keyframe = unit;
      this.#interrupted = false;
    }
    return !this.#interrupted;
  }

  /** Pictures of another form follow. */
  forget(): void {
    this.#keyframe = undefined;
  }

  /** @returns what has to be appended where the pictures end; nothing while they are in time */
  over(pictureEndS: number, soundEndS: number): AccessUnit | undefined {
    if (!this.#keyframe || soundEndS - pictureEndS < lateS) return undefined;
    this.#interrupted = true;
    return { ...this.#keyframe, durationUs: Math.round((soundEndS - pictureEndS) * 1e6) };
  }
}
