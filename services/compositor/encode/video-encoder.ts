import { VideoEncoder, VideoFrame } from "@napi-rs/webcodecs";
import type { VideoCodec } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { LabelledFrame } from "../label/labelled-frame.ts";

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
  encode(frame: LabelledFrame, ptsUs: number, keyframe: boolean): void;
  /** Takes effect with the next frame that finds nothing pending; that frame is a keyframe. */
  setBitrate(bitrateBps: number): void;
  /** Lets out what is left; nothing may be encoded afterwards. */
  flush(): Promise<void>;
  close(): void;
}

const minBitrateBps = 50_000;
const maxBitrateBps = 20_000_000;

/** H.264 (High, 4:2:0, no reordering) on the CPU. Takes labelled frames and nothing else. */
export function createPictureEncoder(options: PictureEncoderOptions): PictureEncoder {
  const { framesPerSecond } = options;
  const allowed = (bitrateBps: number) => Math.min(maxBitrateBps, Math.max(minBitrateBps, bitrateBps));
  let pending = 0;
  let track: TrackDescription | undefined;
  const output: EncoderOutput = (chunk, metadata) => {
    pending--;
    const config = metadata?.decoderConfig;
    if (config) track = { codec: config.codec, description: new Uint8Array((config.description as Uint8Array | undefined) ?? []) };
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const durationUs = chunk.duration ?? 1e6 / framesPerSecond;
    if (track) options.onUnit({ ptsUs: chunk.timestamp, durationUs, keyframe: chunk.type === "key", data }, track);
  };
  const error = (cause: Error) => {
    pending = 0;
    options.onError(new ServiceError("BACKEND_FAILED", "the video encoder failed", { cause }));
  };
  let bitrateBps = allowed(options.bitrateBps);
  let wantedBps = bitrateBps;
  let encoder = openEncoder(options, bitrateBps, output, error);
  return {
    get pending() {
      return pending;
    },
    encode(frame, ptsUs, keyframe) {
      const renew = wantedBps !== bitrateBps && pending === 0;
      if (renew) {
        // An encoder that is configured again while it runs looks ahead from then on and holds its frames back.
        encoder.close();
        bitrateBps = wantedBps;
        encoder = openEncoder(options, bitrateBps, output, error);
      }
      const picture = new VideoFrame(frame.pixels, {
        format: "RGBA",
        codedWidth: frame.width,
        codedHeight: frame.height,
        timestamp: ptsUs,
        duration: Math.round(1e6 / framesPerSecond),
      });
      pending++;
      encoder.encode(picture, { keyFrame: keyframe || renew });
      picture.close();
    },
    setBitrate(wanted) {
      wantedBps = allowed(wanted);
    },
    flush: () => encoder.flush(),
    close() {
      if (encoder.state !== "closed") encoder.close();
    },
  };
}

type EncoderOutput = ConstructorParameters<typeof VideoEncoder>[0]["output"];

function openEncoder(options: PictureEncoderOptions, bitrate: number, output: EncoderOutput, error: (cause: Error) => void): VideoEncoder {
  const encoder = new VideoEncoder({ output, error });
  encoder.configure({
    codec: "avc1.640028",
    width: options.width,
    height: options.height,
    bitrate,
    framerate: options.framesPerSecond,
    latencyMode: "realtime",
    avc: { format: "avc" },
  });
  return encoder;
}
