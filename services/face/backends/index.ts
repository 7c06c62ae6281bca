export { type AudioBackendOptions, createAudioBackend } from "./audio/audio.ts";
export { hearPhones } from "./audio/hearing.ts";
export { loadMouthNet, type MouthNet, stepSamples as mouthNetStepSamples } from "./audio/mouth-net.ts";
export type { AnimateOptions, Delivery, FaceBackend, MotionFrame, SpeechChunk, TimedPhone } from "./backend.ts";
export { createPhonesBackend } from "./phones/phones.ts";
export { withFallback } from "./with-fallback.ts";
