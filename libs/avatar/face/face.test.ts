import { blendShapeIndex, blendShapeNames } from "@troupe/timeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFace, type SpokenFrame } from "./face.ts";
import { decodePose, encodePose } from "./pose-bytes.ts";

const silent: SpokenFrame = { motion: undefined, speaking: false, envelope: 0 };
const saying = (weight: number): SpokenFrame => ({
  motion: { weights: new Float32Array(blendShapeNames.length).fill(weight), head: { yaw: 0.1, pitch: 0, roll: 0 } },
  speaking: true,
  envelope: 0.5,
});
const jawOf = (pose: { readonly weights: Float32Array }) => pose.weights[blendShapeIndex.jawOpen] as number;

describe("the face", () => {
  it("closes the mouth with the next picture where the person interrupts, though motion and sound of the last frame are there", () => {
    const face = createFace(7);
    const open = jawOf(face(saying(0.8), 1, false));
    expect(jawOf(face({ ...saying(0.8), stopped: true }, 1.04, false))).toBeLessThan(0.02 * open);
    expect(jawOf(face({ ...silent, stopped: true }, 1.08, false))).toBe(0);
    const ending = createFace(7);
    ending(saying(0.8), 1, false);
    expect(jawOf(ending(silent, 1.04, false))).toBeGreaterThan(0.3 * open);
  });

  it("turns the head back calmly where the person interrupts", () => {
    const [face, idle] = [createFace(7), createFace(7)];
    const turned = (frame: SpokenFrame, atS: number) => face(frame, atS, false).head.yaw - idle(silent, atS, false).head.yaw;
    let before = turned(saying(0.8), 1);
    for (let frame = 1; frame <= 40; frame++) {
      const now = turned({ ...silent, stopped: true }, 1 + frame / 25);
      expect(now).toBeGreaterThan(0.8 * before);
      expect(now).toBeLessThan(before);
      before = now;
    }
    expect(before).toBeLessThan(0.01);
  });

  it("shows the motion, and goes to rest when it ends, as fast at any frame rate", () => {
    for (const framesPerSecond of [15, 25, 30]) {
      const face = createFace(7);
      expect(jawOf(face(saying(0.8), 10, false))).toBeCloseTo(0.8, 2);
      let jaw = 1;
      for (let frame = 1; frame <= framesPerSecond / 5; frame++) jaw = jawOf(face(silent, 10 + frame / framesPerSecond, false));
      expect(jaw).toBeCloseTo(0.8 * Math.exp(-0.2 / 0.04), 2);
    }
  });

  it("opens the mouth with the sound where motion is missing", () => {
    const face = createFace(7);
    expect(jawOf(face({ motion: undefined, speaking: true, envelope: 0.9 }, 3, false))).toBeGreaterThan(0.35);
    expect(jawOf(createFace(7)(silent, 3, false))).toBe(0);
  });

  it("becomes attentive while the person speaks", () => {
    const brow = (listening: boolean) => {
      const face = createFace(7);
      let inner = 0;
      for (let frame = 0; frame < 50; frame++) inner = face(silent, frame / 25, listening).weights[blendShapeIndex.browInnerUp] as number;
      return inner;
    };
    expect(brow(true)).toBeGreaterThan(brow(false) + 0.1);
  });

  it("arrives at a client exactly as the server draws it", () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 31),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, atS, weight) => {
          const pose = createFace(seed)(saying(weight), atS, false);
          expect(decodePose(encodePose(pose))).toEqual(pose);
        },
      ),
    );
  });
});

describe("a pose from the wire", () => {
  it("of too few or too many weights has 52", () => {
    for (const count of [0, 10, 60]) {
      const { weights } = decodePose(
        encodePose({ weights: new Float32Array(count).fill(1), head: { yaw: 0, pitch: 0, roll: 0 }, breath: 0 }),
      );
      expect([...weights]).toEqual(Array.from({ length: 52 }, (_, shape) => (shape < count ? 1 : 0)));
    }
  });
});
