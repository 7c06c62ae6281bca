import { VideoEncoder, VideoFrame } from "@napi-rs/webcodecs";
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
  setBitrate(bitrateBps: number): void;
  flush(): Promise<void>;
  close(): void;
}

/** H.264 (High, 4:2:0, no reordering) on the CPU. Takes labelled frames and nothing else. */
export function createPictureEncoder(options: PictureEncoderOptions): PictureEncoder {
  const { width, height, framesPerSecond } = options;
  let track: TrackDescription | undefined;
  const encoder = new VideoEncoder({
    output(chunk, metadata) {
      const config = metadata?.decoderConfig;
      if (config) track = { codec: config.codec, description: new Uint8Array((config.description as Uint8Array | undefined) ?? []) };
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      if (track)
        options.onUnit(
          { ptsUs: chunk.timestamp, durationUs: chunk.duration ?? 1e6 / framesPerSecond, keyframe: chunk.type === "key", data },
          track,
        );
    },
    error: (cause) => options.onError(new ServiceError("BACKEND_FAILED", "the video encoder failed", { cause })),
  });
  const configure = (bitrate: number) =>
    encoder.configure({
      codec: "avc1.640028",
      width,
      height,
      bitrate,
      framerate: framesPerSecond,
      latencyMode: "realtime",
      avc: { format: "avc" },
    });
  configure(options.bitrateBps);
  return {
    get pending() {
      return encoder.encodeQueueSize;
    },
    encode(frame, ptsUs, keyframe) {
      const picture = new VideoFrame(frame.pixels, {
        format: "RGBA",
        codedWidth: frame.width,
        codedHeight: frame.height,
        timestamp: ptsUs,
        duration: Math.round(1e6 / framesPerSecond),
      });
      encoder.encode(picture, { keyFrame: keyframe });
      picture.close();
    },
    setBitrate: configure,
    flush: () => encoder.flush(),
    close: () => encoder.close(),
  };
}
