export type { AsrBackend, DetectedLanguage, RecognisedWord, TranscribeOptions, Transcription } from "./backend.ts";
export { normaliseMandarinText } from "./chinese/transcript.ts";
export { createStubBackend, type StubBackendOptions } from "./stub.ts";
export { createWhisperBackend } from "./whisper-onnx/whisper-backend.ts";
export type { WhisperBackendOptions } from "./whisper-onnx/whisper-options.ts";
