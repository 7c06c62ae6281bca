export type { AsrBackend, RecognisedWord, TranscribeOptions, Transcription } from "./backend.ts";
export { createStubBackend, type StubBackendOptions } from "./stub.ts";
export { createWhisperBackend, type WhisperBackendOptions } from "./whisper-onnx/whisper-backend.ts";
