import type { Clock } from "@troupe/timeline";
import type { ServerEvent } from "../wire/server-event.ts";
import { defaultReconnectPolicy, nextDelayMs } from "./reconnect-policy.ts";

export interface CallSocketOptions {
  readonly clock: Clock;
  /** Opens a socket; given the resume token once there is one. */
  readonly connect: (resumeToken: string | undefined) => WebSocket;
  /** Each time a connection stands: says who the client is and what it wants. */
  readonly onOpen: (resumed: boolean) => void;
  readonly onEvent: (event: ServerEvent) => void;
  readonly onMedia: (frame: ArrayBuffer) => void;
  readonly onLost: () => void;
  /** For good. `reason` as of `troupe.ended`; "unreachable" where no connection ever stood, "lost" where the session was given up. */
  readonly onEnded: (reason: string) => void;
}

/** A session sends picture and sound all the time: silence for so long means that the connection is dead without knowing. */
const deadMs = 2500;
const watchMs = 500;

/** Sound of the person that may wait on a slow connection; more is dropped. */
const maxWaitingBytes = 256 * 1024;

/** Reasons of an end that is none: the session goes on at another gateway, for whoever comes back with the token. */
const elsewhere: ReadonlySet<string> = new Set(["drained", "moved", "taken"]);

/** The connection of a call. It comes back by itself while the session waits for it. */
export class CallSocket {
  readonly #options: CallSocketOptions;
  #socket: WebSocket | undefined;
  #token: string | undefined;
  #windowMs = 0;
  #lostAtMs: number | undefined;
  #attempt = 0;
  #reason: string | undefined;
  #ended = false;
  #heardAtMs = 0;
  #cancelTimer: () => void = () => undefined;
  #cancelWatch: () => void = () => undefined;
  readonly #online = () => this.#retryNow();

  constructor(options: CallSocketOptions) {
    this.#options = options;
    globalThis.addEventListener?.("online", this.#online);
    this.#open();
  }

  /** @returns whether it went out; sound is lost while the connection is */
  send(event: { readonly type: string } & Readonly<Record<string, unknown>>): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== 1) return false;
    if (event.type === "input_audio_buffer.append" && socket.bufferedAmount > maxWaitingBytes) return false;
    socket.send(JSON.stringify(event));
    return true;
  }

  /** The session is over as far as the client is concerned. */
  close(reason: string): void {
    this.#finish(reason);
    this.#socket?.close(1000);
  }

  #open(): void {
    const socket = this.#options.connect(this.#token);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#heardAtMs = this.#options.clock.nowMs();
    socket.onopen = () => this.#options.onOpen(this.#token !== undefined);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.#heardAtMs = this.#options.clock.nowMs();
      if (typeof data === "string") this.#event(JSON.parse(data) as ServerEvent);
      else this.#options.onMedia(data);
    };
    socket.onclose = () => this.#closed(socket);
  }

  #event(event: ServerEvent): void {
    if (event.type === "troupe.session.started") {
      this.#token = event.resume_token;
      this.#windowMs = event.resume_window_seconds * 1000;
      this.#lostAtMs = undefined;
      this.#reason = undefined;
      this.#attempt = 0;
      this.#watch();
    }
    if (event.type === "troupe.ended" && !elsewhere.has(event.reason)) this.#reason = event.reason;
    if (event.type === "error" && this.#token === undefined) this.#reason = event.error.code ?? "failed";
    this.#options.onEvent(event);
  }

  #watch(): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#options.clock.setTimer(watchMs, () => {
      const socket = this.#socket;
      if (this.#ended || this.#lostAtMs !== undefined || !socket) return;
      if (this.#options.clock.nowMs() - this.#heardAtMs < deadMs) return this.#watch();
      socket.onmessage = null;
      socket.close();
      this.#closed(socket);
    });
  }

  #closed(socket: WebSocket): void {
    if (socket !== this.#socket || this.#ended) return;
    socket.onclose = null;
    if (this.#reason !== undefined) return this.#finish(this.#reason);
    if (this.#token === undefined) return this.#finish("unreachable");
    const nowMs = this.#options.clock.nowMs();
    if (this.#lostAtMs === undefined) {
      this.#lostAtMs = nowMs;
      this.#options.onLost();
    }
    const state = { attempt: this.#attempt++, sinceLostMs: nowMs - this.#lostAtMs, windowMs: this.#windowMs };
    const delayMs = nextDelayMs(defaultReconnectPolicy, state, Math.random());
    if (delayMs === undefined) return this.#finish("lost");
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => this.#open());
  }

  /** The network is back: no need to wait. A socket that stands may be dead without knowing; the server's silence will tell. */
  #retryNow(): void {
    if (this.#ended || this.#lostAtMs === undefined || (this.#socket?.readyState ?? 3) < 2) return;
    this.#cancelTimer();
    this.#open();
  }

  #finish(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimer();
    this.#cancelWatch();
    globalThis.removeEventListener?.("online", this.#online);
    this.#options.onEnded(reason);
  }
}
