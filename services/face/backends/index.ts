export type { AnimateOptions, FaceBackend, MotionFrame, SpeechChunk, TimedPhone } from "./backend.ts";
export { createPhonesBackend } from "./phones/phones.ts";
