export { completenessOf, heardAll, mayBeComplete, type SpeechGuess } from "./completeness.ts";
export {
  createEndpointer,
  defaultEndpointPolicy,
  type EndpointEvent,
  type Endpointer,
  type EndpointPolicy,
  type EndpointState,
  type EndpointStep,
  initialEndpointState,
  reduceEndpoint,
  reduceGuess,
} from "./endpointer.ts";
export type { HangoverPoint } from "./hangover.ts";
export type { SpeechWindow } from "./speech-window.ts";
export { createVad, type Vad, type VadOptions, type VadStream, type VadStreamOptions } from "./vad.ts";
