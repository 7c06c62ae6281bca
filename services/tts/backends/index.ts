export { type PitchTrack, trackPitch } from "../prosody/pitch-track.ts";
export type { ClauseRequest, Delivery, Pronunciation, SynthesizedSlice, TimedText, TtsBackend, Voice } from "./backend.ts";
export { createHibariBackend } from "./hibari/hibari.ts";
export { createKokoroBackend } from "./kokoro/kokoro.ts";
export { type LoadedVoices, type LoadVoicesOptions, loadVoices } from "./load-voices.ts";
export type { VoiceFormat, VoiceModelOptions } from "./voice-format.ts";
