/** What the call is doing, as a person sees it. */
export type CallState = "connecting" | "listening" | "thinking" | "speaking" | "reconnecting" | "ended";

export type CallSignal =
  /** The session stands, or stands again. */
  | "started"
  | "lost"
  | "ended"
  /** The person stopped speaking, or typed; or a response is being made. */
  | "asked"
  /** The person began to speak. */
  | "heard-voice"
  /** Sound of a response leaves the speaker; has left it. */
  | "sounds"
  | "silent"
  /** A response is over or cancelled and nothing of it sounds. */
  | "answered";

/** The state that follows. Signals that mean nothing in a state leave it as it is. */
export function nextState(state: CallState, signal: CallSignal): CallState {
  if (state === "ended" || signal === "ended") return "ended";
  if (signal === "lost") return state === "connecting" ? state : "reconnecting";
  if (signal === "started") return state === "connecting" || state === "reconnecting" ? "listening" : state;
  if (state === "connecting" || state === "reconnecting") return state;
  return talking(state, signal);
}

function talking(state: CallState, signal: CallSignal): CallState {
  if (signal === "sounds") return "speaking";
  if (signal === "asked") return state === "speaking" ? state : "thinking";
  if (signal === "heard-voice") return state === "thinking" ? "listening" : state;
  // After the sound of one response the next may still be on its way: `asked` says so.
  if (signal === "silent") return state === "speaking" ? "listening" : state;
  return state === "thinking" ? "listening" : state;
}
