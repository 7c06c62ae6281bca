export { type BlendShapeName, blendShapeIndex, blendShapeNames } from "./blend-shapes.ts";
export { type Clock, systemClock } from "./clock.ts";
