export type { AsrBackend, DetectedLanguage, RecognisedWord, TranscribeOptions, Transcription } from "./backend.ts";
export { normaliseMandarinText } from "./chinese/transcript.ts";
export { createStubBackend, type StubBackendOptions } from "./stub.ts";
export { createWhisperBackend, type WhisperBackendOptions } from "./whisper-onnx/whisper-backend.ts";
