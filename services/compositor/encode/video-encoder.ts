import type { VideoCodec } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Frame } from "node-av/lib";
import type { LabelledFrame } from "../label/labelled-frame.ts";
import { H264Encoder } from "./h264-encoder.ts";
import { PixelFrames } from "./pixel-frames.ts";

export interface EncodedUnit {
  readonly ptsUs: number;
  readonly durationUs: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array;
}

export interface TrackDescription {
  readonly codec: string;
  readonly description: Uint8Array;
}

export interface PictureEncoderOptions {
  readonly codec: VideoCodec;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
  readonly onUnit: (unit: EncodedUnit, track: TrackDescription) => void;
  readonly onError: (error: ServiceError) => void;
}

export interface PictureEncoder {
  /** Frames given and not yet encoded. */
  readonly pending: number;
  /** Copies the frame's pixels and gives their memory back. */
  encode(frame: LabelledFrame, ptsUs: number, keyframe: boolean): void;
  /** Takes effect with the next frame. */
  setBitrate(bitrateBps: number): void;
  /** Resolves when nothing is pending. */
  flush(): Promise<void>;
  /** Nothing comes out any more. */
  close(): void;
}

const minBitrateBps = 50_000;
const maxBitrateBps = 20_000_000;

/** H.264 (4:2:0, no reordering, AVC format) on the CPU. Takes labelled frames and nothing else. */
export function createPictureEncoder(options: PictureEncoderOptions): PictureEncoder {
  const { framesPerSecond, onUnit, onError } = options;
  const durationUs = Math.round(1e6 / framesPerSecond);
  let bitrateBps = allowed(options.bitrateBps);
  const opening = H264Encoder.open({ ...options, bitrateBps });
  let openedBps = bitrateBps;
  let pending = 0;
  let closed = false;
  // One frame after the other; each failure is reported, and the next frame tried.
  let last: Promise<void> = opening.then(
    () => undefined,
    (cause: unknown) => {
      closed = true;
      onError(ServiceError.from(cause));
    },
  );
  const frames = new PixelFrames(options.width, options.height);
  const encode = async (pixels: Frame, ptsUs: number, keyframe: boolean) => {
    const encoder = await opening;
    if (closed) return;
    if (openedBps !== bitrateBps) encoder.setBitrate(bitrateBps);
    openedBps = bitrateBps;
    const picture = await encoder.encode(pixels, ptsUs, keyframe);
    if (picture && !closed) onUnit({ ...picture, durationUs }, encoder.description);
  };
  return {
    get pending() {
      return pending;
    },
    encode(frame, ptsUs, keyframe) {
      if (closed) return;
      const pixels = frames.copy(frame.pixels);
      frame.release();
      pending++;
      last = last
        .then(() => encode(pixels, ptsUs, keyframe))
        .catch((cause: unknown) => onError(new ServiceError("BACKEND_FAILED", "the video encoder failed", { cause })))
        .finally(() => {
          pending--;
          frames.giveBack(pixels);
        });
    },
    setBitrate(wanted) {
      bitrateBps = allowed(wanted);
    },
    flush: () => last,
    close() {
      if (closed) return;
      closed = true;
      frames.close();
      last = last.then(async () => (await opening).close()).catch(() => undefined);
    },
  };
}

function allowed(bitrateBps: number): number {
  return Math.min(maxBitrateBps, Math.max(minBitrateBps, bitrateBps));
}
