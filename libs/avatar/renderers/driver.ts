import { type BlendShapeName, blendShapeIndex } from "@troupe/timeline";

/** Inputs of a rig: the 52 blend shapes, then the breath. */
export const breathInput = 52;
export const inputCount = 53;

/** One name or several: a driver's value is the least of its inputs, so `jawOpen&mouthClose` corrects the pair. */
export type Driver = readonly number[];

/** Reads `jawOpen`, `breath` or `jawOpen&mouthClose` (2 to 4 names); undefined where a name is unknown. */
export function parseDriver(text: string): Driver | undefined {
  const names = text.split("&");
  if (names.length > 4) return undefined;
  const inputs = names.map((name) => (name === "breath" ? breathInput : blendShapeIndex[name as BlendShapeName]));
  return inputs.every((input) => Number.isInteger(input)) ? inputs : undefined;
}

/** The driver's value for these inputs, 0..1. */
export function driverValue(driver: Driver, inputs: Float32Array): number {
  let least = 1;
  for (let n = 0; n < driver.length; n++) least = Math.min(least, inputs[driver[n] as number] as number);
  return least;
}
