import { blendShapeIndex } from "@troupe/timeline";
import { expect, it } from "vitest";
import { animate, describeFaceBackend } from "./conformance.ts";
import { createStubBackend } from "./stub.ts";
import { chunksOf, hum } from "./synthetic-speech.ts";

describeFaceBackend("stub", async () => createStubBackend());

it("chews twice a second", async () => {
  const frames = await animate(createStubBackend(), chunksOf(hum("_ _ _ _ _", 200), [4_800]), 30);
  const jaw = frames.map((frame) => frame.weights[blendShapeIndex.jawOpen] ?? 0);
  expect(jaw[0]).toBe(0);
  expect(Math.max(...jaw)).toBeCloseTo(0.2);
  expect(jaw[15]).toBeCloseTo(0);
});
