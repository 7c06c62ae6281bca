import { createCanvas } from "@napi-rs/canvas";
import { EncodedVideoChunk, VideoDecoder } from "@napi-rs/webcodecs";
import { VideoCodec } from "@troupe/contracts";
import { describe, expect, it } from "vitest";
import { labelFrame } from "../label/labelled-frame.ts";
import { createPictureEncoder, type EncodedUnit, type PictureEncoder, type TrackDescription } from "./video-encoder.ts";

const [width, height] = [256, 192];

interface Drawing {
  readonly codec?: VideoCodec;
  readonly bitrateBps?: number;
}

/** Encodes frames in which much moves; `between` is called before each. */
async function encode(frames: number, { codec = VideoCodec.H264_HIGH, bitrateBps = 400_000 }: Drawing = {}, between?: Between) {
  const units: EncodedUnit[] = [];
  let track: TrackDescription | undefined;
  const onUnit = (unit: EncodedUnit, description: TrackDescription) => {
    units.push(unit);
    track = description;
  };
  const onError = (error: Error) => expect.unreachable(error.message);
  const encoder = createPictureEncoder({ codec, width, height, framesPerSecond: 25, bitrateBps, onUnit, onError });
  for (let frame = 0; frame < frames; frame++) {
    const keyframe = between?.(encoder, frame) ?? false;
    encoder.encode(drawn(frame), frame * 40_000, keyframe || frame === 0);
    if (encoder.pending > 3) await encoder.flush();
  }
  await encoder.flush();
  expect(encoder.pending).toBe(0);
  encoder.close();
  return { units, track: track as TrackDescription };
}
type Between = (encoder: PictureEncoder, frame: number) => boolean;

/** Of the lower right corner: each frame another, so that none can stand for another. */
const greyOf = (frame: number) => 30 + ((frame * 83) % 200);

/** One for all frames, as the presenter has it: what is still to be encoded must not change with the next drawing. */
const canvas = createCanvas(width, height);

function drawn(frame: number) {
  const context = canvas.getContext("2d");
  context.fillStyle = "rgb(200, 40, 60)";
  context.fillRect(0, 0, width, height);
  context.fillStyle = `rgb(${greyOf(frame)} ${greyOf(frame)} ${greyOf(frame)})`;
  context.fillRect(width - 48, height - 32, 48, 32);
  for (let n = 0; n < 60; n++) {
    context.fillStyle = `hsl(${(n * 37 + frame * 50) % 360}, 80%, 50%)`;
    context.fillRect((n * 53 + frame * 11) % 200, 40 + ((n * 29 + frame * 7) % 100), 12, 9);
  }
  return labelFrame(context, { width, height, text: "AI" }, () => canvas.data());
}

/** Luma of the corner and of the ground beside it in each decoded frame. */
async function decode(units: readonly EncodedUnit[], track: TrackDescription) {
  const pending: Promise<{ readonly ptsUs: number; readonly corner: number; readonly ground: number }>[] = [];
  const decoder = new VideoDecoder({
    output(frame) {
      const planes = new Uint8Array(frame.allocationSize());
      const { timestamp } = frame;
      pending.push(
        Promise.resolve(frame.copyTo(planes)).then(() => {
          frame.close();
          const at = (row: number, column: number) => planes[(height - row) * width + width - column] as number;
          return { ptsUs: timestamp, corner: at(8, 8), ground: at(8, 100) };
        }),
      );
    },
    error: (error) => expect.unreachable(error.message),
  });
  decoder.configure({ codec: track.codec, codedWidth: width, codedHeight: height, description: track.description });
  for (const { ptsUs: timestamp, keyframe, data } of units)
    decoder.decode(new EncodedVideoChunk({ type: keyframe ? "key" : "delta", timestamp, data }));
  await decoder.flush();
  decoder.close();
  return await Promise.all(pending);
}

const bytes = (units: readonly EncodedUnit[]) => units.reduce((sum, { data }) => sum + data.length, 0);

describe("an encoded picture", () => {
  it.each([
    ["High", VideoCodec.H264_HIGH, /^avc1\.6400/],
    ["Constrained Baseline", VideoCodec.H264_BASELINE, /^avc1\.42[c-f]0/],
  ])("in %s says so, comes in order, and is decoded to what was drawn", async (_, codec, name) => {
    const { units, track } = await encode(12, { codec });
    expect(track.codec).toMatch(name);
    expect(units.map(({ ptsUs }) => ptsUs)).toEqual(Array.from({ length: 12 }, (__, n) => n * 40_000));
    const frames = await decode(units, track);
    expect(frames.map(({ ptsUs }) => ptsUs)).toEqual(units.map(({ ptsUs }) => ptsUs));
    // BT.601, limited range; the ground is rgb(200, 40, 60).
    for (const [index, { corner, ground }] of frames.entries()) {
      expect(Math.abs(ground - 93)).toBeLessThan(5);
      expect(Math.abs(corner - (16 + (219 * greyOf(index)) / 255))).toBeLessThan(8);
    }
  });

  it.each([
    ["High", VideoCodec.H264_HIGH],
    ["Baseline", VideoCodec.H264_BASELINE],
  ])("in %s is a keyframe when asked for, and only then, and decoding can start there", async (_, codec) => {
    const { units, track } = await encode(12, { codec }, (__, frame) => frame === 7);
    expect(units.flatMap(({ keyframe }, frame) => (keyframe ? [frame] : []))).toEqual([0, 7]);
    expect(await decode(units.slice(7), track)).toHaveLength(5);
  });

  it("takes less where the bit rate was lowered, without a new keyframe", async () => {
    const { units } = await encode(90, { bitrateBps: 2_000_000 }, (encoder, frame) => {
      if (frame === 45) encoder.setBitrate(200_000);
      return false;
    });
    expect(units.filter(({ keyframe }) => keyframe)).toHaveLength(1);
    expect(bytes(units.slice(70))).toBeLessThan(bytes(units.slice(20, 40)) / 2);
  });

  it("does not come any more once its encoder is closed, whatever was pending", async () => {
    const units: EncodedUnit[] = [];
    const onError = (error: Error) => expect.unreachable(error.message);
    const options = { codec: VideoCodec.H264_HIGH, width, height, framesPerSecond: 25, bitrateBps: 1_000_000 };
    const encoder = createPictureEncoder({ ...options, onUnit: (unit) => units.push(unit), onError });
    for (let frame = 0; frame < 3; frame++) encoder.encode(drawn(frame), frame * 40_000, true);
    encoder.close();
    encoder.encode(drawn(3), 120_000, true);
    await encoder.flush();
    expect(units).toEqual([]);
    expect(encoder.pending).toBe(0);
  });

  it("gives the pixels' memory back at once", () => {
    const frame = drawn(0);
    expect(frame.pixels.length).toBe(width * height * 4);
    frame.release();
    expect(frame.pixels.length).toBe(0);
  });
});
