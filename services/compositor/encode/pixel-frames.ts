import { ServiceError } from "@troupe/errors";
import { AV_PIX_FMT_RGBA } from "node-av/constants";
import { Frame } from "node-av/lib";

/** As many as wait for an encoder that keeps up; what more a moment of trouble took is given back. */
const kept = 3;

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

  /** To be given back. @throws ServiceError BACKEND_FAILED without memory */
  copy(pixels: Uint8Array): Frame {
    const frame = this.#free.pop() ?? this.#allocate();
    // Not Frame.fromBuffer: that refers to the caller's memory, whatever its documentation says.
    const [plane] = frame.data ?? [];
    const stride = frame.linesize[0] ?? 0;
    const row = this.#width * 4;
    if (!plane || stride < row) throw new ServiceError("BACKEND_FAILED", "a frame has no memory");
    if (stride === row) plane.set(pixels);
    else for (let y = 0; y < this.#height; y++) plane.set(pixels.subarray(y * row, (y + 1) * row), y * stride);
    return frame;
  }

  giveBack(frame: Frame): void {
    if (this.#closed || this.#free.length >= kept) frame.free();
    else this.#free.push(frame);
  }

  close(): void {
    this.#closed = true;
    for (const frame of this.#free.splice(0)) frame.free();
  }

  #allocate(): Frame {
    const frame = new Frame();
    frame.alloc();
    Object.assign(frame, { width: this.#width, height: this.#height, format: AV_PIX_FMT_RGBA });
    if (frame.getBuffer(0) < 0) throw new ServiceError("BACKEND_FAILED", "no memory for a frame");
    return frame;
  }
}
