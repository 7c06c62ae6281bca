import { fileURLToPath } from "node:url";
import { createVectorRenderer } from "@troupe/avatar";
import { createNodeSurface, loadAvatar } from "@troupe/compositor";
import { beforeAll, describe, expect, it } from "vitest";
import { createMouthCamera, type MouthCamera, poseOf } from "./mouth-camera.ts";

const folder = fileURLToPath(new URL("../../models/avatars", import.meta.url));

describe.for(["mara", "pico"])("the camera on %s", (avatar) => {
  let camera: MouthCamera;
  beforeAll(async () => {
    camera = createMouthCamera(await loadAvatar(folder, avatar));
  });
  const look = (weights: Parameters<typeof poseOf>[0]) => camera.measure(poseOf(weights));

  it("has the avatar's extremes as its units", () => {
    expect(look({})).toEqual({ aperture: 0, spread: 0, lowerLip: 1 });
    expect(look({ jawOpen: 1 }).aperture).toBe(1);
    expect(look({ mouthPucker: 1 }).spread).toBe(-1);
    expect(look({ mouthStretchLeft: 1, mouthStretchRight: 1 }).spread).toBe(1);
  });

  it("sees the mouth open with the jaw, evenly", () => {
    const apertures = [0.1, 0.3, 0.5, 0.7, 0.9].map((jawOpen) => look({ jawOpen }).aperture);
    for (const [n, aperture] of apertures.entries()) expect(Math.abs(aperture - (0.1 + 0.2 * n))).toBeLessThan(0.05);
  });

  it("sees closed lips under an open jaw, a tucked lower lip, and nothing of brows and lids", () => {
    expect(look({ jawOpen: 0.5, mouthClose: 0.5 }).aperture).toBeLessThan(0.02);
    expect(look({ mouthRollLower: 0.6, jawOpen: 0.05 }).lowerLip).toBeLessThan(0.8);
    expect(look({ browInnerUp: 1, eyeBlinkLeft: 1, eyeBlinkRight: 1 })).toEqual(look({}));
  });

  it("measures nearly the same while the head turns as far as it does in speech", () => {
    const still = look({ jawOpen: 0.4 });
    for (const head of [
      { yaw: 0.08, pitch: 0, roll: 0 },
      { yaw: 0, pitch: -0.08, roll: 0 },
      { yaw: 0, pitch: 0, roll: 0.06 },
    ]) {
      const turned = camera.measure({ ...poseOf({ jawOpen: 0.4 }), head });
      expect(Math.abs(turned.aperture - still.aperture)).toBeLessThan(0.05);
      expect(Math.abs(turned.spread - still.spread)).toBeLessThan(0.12);
    }
  });
});

it("sees with make-up what is there without it: Pico's dark, teeth and tongue", async () => {
  const asset = await loadAvatar(folder, "pico");
  const camera = createMouthCamera(asset);
  const { width, height } = asset.size;
  const { context, read } = createNodeSurface(width, height);
  const renderer = createVectorRenderer(asset);
  const full = openColumn(0);
  function openColumn(jawOpen: number): number {
    renderer.draw(context, poseOf({ jawOpen }));
    const rgba = read();
    let open = 0;
    for (let y = 280; y < 350; y++) if (isInside(rgba, 4 * (y * width + width / 2))) open++;
    return open;
  }
  const unit = openColumn(1) - full;
  for (const jawOpen of [0.2, 0.4, 0.6, 0.8]) {
    const seen = (openColumn(jawOpen) - full) / unit;
    expect(Math.abs(seen - camera.measure(poseOf({ jawOpen })).aperture)).toBeLessThan(0.05);
  }
});

/** The avatar's own paints: the dark of the mouth, teeth, tongue. */
const insideColours = [0x3b1418, 0xfbf6ec, 0xd56d6a];

function isInside(rgba: ArrayLike<number>, at: number): boolean {
  return insideColours.some((colour) =>
    [16, 8, 0].every((shift, channel) => Math.abs((rgba[at + channel] as number) - ((colour >> shift) & 255)) <= 2),
  );
}
