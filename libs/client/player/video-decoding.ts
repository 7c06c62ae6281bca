import type { AccessUnit, TrackHeader } from "../wire/av-packet.ts";
import type { TimedFrame } from "./frame-queue.ts";

/** A picture on its way to the canvas. */
export interface PictureFrame extends TimedFrame {
  readonly draw: (context: OffscreenCanvasRenderingContext2D) => void;
}

export interface VideoDecoding {
  decode(unit: AccessUnit): void;
  close(): void;
}

/**
 * Decodes H.264 by WebCodecs; begins at a keyframe.
 * @param onNeedKeyframe units came that no keyframe led
 * @param onError the decoder is of no use any more
 */
export function createVideoDecoding(
  header: TrackHeader,
  onFrame: (frame: PictureFrame) => void,
  onNeedKeyframe: () => void,
  onError: (error: Error) => void,
): VideoDecoding {
  let started = false;
  const decoder = new VideoDecoder({
    output: (frame) =>
      onFrame({
        ptsUs: frame.timestamp,
        draw: (context) => context.drawImage(frame, 0, 0, context.canvas.width, context.canvas.height),
        close: () => frame.close(),
      }),
    error: onError,
  });
  decoder.configure({
    codec: header.codec,
    codedWidth: header.width,
    codedHeight: header.height,
    optimizeForLatency: true,
    ...(header.description.length > 0 ? { description: header.description.slice() } : {}),
  });
  return {
    decode(unit) {
      if (decoder.state !== "configured") return;
      if (!started && !unit.keyframe) return onNeedKeyframe();
      started = true;
      const type = unit.keyframe ? "key" : "delta";
      decoder.decode(new EncodedVideoChunk({ type, timestamp: unit.ptsUs, duration: unit.durationUs, data: unit.data.slice() }));
    },
    close: () => decoder.state !== "closed" && decoder.close(),
  };
}
