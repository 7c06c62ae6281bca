export { type BlendShapeName, blendShapeIndex, blendShapeNames } from "./blend-shapes.ts";
export { type Clock, systemClock } from "./clock.ts";
export { joinWords } from "./join-words.ts";
