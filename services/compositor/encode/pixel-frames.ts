import { AV_PIX_FMT_RGBA } from "node-av/constants";
import { Frame } from "node-av/lib";

/** Copies of RGBA pictures of one size, in memory that is used again: fresh pages for a megabyte cost more than its copy. */
export class PixelFrames {
  readonly #width: number;
  readonly #height: number;
  readonly #free: Frame[] = [];
  #closed = false;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  /** To be given back. */
  copy(pixels: Uint8Array): Frame {
    const buffer = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    const known = this.#free.pop();
    if (known && known.fromBuffer(buffer) >= 0) return known;
    known?.free();
    return Frame.fromVideoBuffer(buffer, { width: this.#width, height: this.#height, format: AV_PIX_FMT_RGBA });
  }

  giveBack(frame: Frame): void {
    if (this.#closed) frame.free();
    else this.#free.push(frame);
  }

  close(): void {
    this.#closed = true;
    for (const frame of this.#free.splice(0)) frame.free();
  }
}
