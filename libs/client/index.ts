export { bundledAssets, type ClientAssets } from "./assets.ts";
export { AvatarCall, type CallReadout } from "./call/avatar-call.ts";
export type { CallEvents } from "./call/call-events.ts";
export { type CallOptions, type PlayerKind, playerFor, type TurnMode } from "./call/call-options.ts";
export type { CallState } from "./call/call-state.ts";
export { connectAvatar } from "./connect-avatar.ts";
export type { MicrophoneProblem } from "./microphone/microphone.ts";
export type { OutputJson, ServerEvent } from "./wire/server-event.ts";
