export type { ClauseRequest, Delivery, Pronunciation, SynthesizedSlice, TimedText, TtsBackend, Voice } from "./backend.ts";
export { createHibariBackend } from "./hibari/hibari.ts";
export { type LoadedVoices, type LoadVoicesOptions, loadVoices } from "./load-voices.ts";
export type { VoiceFormat, VoiceModelOptions } from "./voice-format.ts";
