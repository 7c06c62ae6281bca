import type { MicrophoneProblem } from "../microphone/microphone.ts";
import type { ServerEvent, TroupeEvents } from "../wire/server-event.ts";
import type { CallState } from "./call-state.ts";

/** Events of a call and their `detail`. */
export interface CallEvents {
  readonly state: { readonly state: CallState; readonly reason?: string };
  readonly started: TroupeEvents["troupe.session.started"];
  /** Words of the person. */
  readonly utterance: TroupeEvents["troupe.utterance"];
  /** Words of the avatar, as it will say them. */
  readonly text: TroupeEvents["troupe.response.text"];
  /** What the person heard of a response that was cut. */
  readonly heard: TroupeEvents["troupe.heard"];
  /** Words that are being heard now; empty: none. */
  readonly caption: { readonly text: string };
  readonly notice: TroupeEvents["troupe.notice"];
  readonly output: TroupeEvents["troupe.output.changed"];
  readonly error: { readonly code: string; readonly message: string };
  /** Whether the person can be heard. */
  readonly microphone: { readonly open: true } | { readonly open: false; readonly problem: MicrophoneProblem | "lost" };
  /** Sound and microphone were stopped by the browser or the system and wait for a click or a key press (true), or go on (false). */
  readonly blocked: { readonly blocked: boolean };
  /** Time from the end of the person's voice, or from typing, to the first sound of the answer. */
  readonly latency: { readonly voiceToSoundMs: number; readonly typed: boolean };
  readonly silenced: { readonly response: number; readonly atUs: number };
  readonly "first-picture": { readonly atMs: number };
  /** Every event of the server, as it came. */
  readonly server: ServerEvent;
}

/** An EventTarget whose events are typed. */
export class CallEventTarget extends EventTarget {
  /** @returns what takes the listener away again */
  on<Type extends keyof CallEvents>(type: Type, listener: (detail: CallEvents[Type]) => void): () => void {
    const handler = (event: Event) => listener((event as CustomEvent<CallEvents[Type]>).detail);
    this.addEventListener(type, handler);
    return () => this.removeEventListener(type, handler);
  }

  protected emit<Type extends keyof CallEvents>(type: Type, detail: CallEvents[Type]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
