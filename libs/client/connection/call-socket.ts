import type { Clock } from "@troupe/timeline";
import type { ServerEvent } from "../wire/server-event.ts";
import { KeptSound } from "./kept-sound.ts";
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

/** A session sends picture and sound all the time, unless its presenter is away: silence for so long is asked about. */
const quietMs = 1000;
/** Silence for so long, though it was asked about, means that the connection is dead without knowing. */
const deadMs = 2500;
/** Likewise while a session is being opened, or taken over from another gateway, when the server may be busy with that. */
const openingDeadMs = 10_000;
const watchMs = 500;
/** An attempt to connect is given up after so long: what was lost on the way, the network would send again much later. */
const attemptMs = 3000;
/** The first one has no other after it. */
const firstAttemptMs = 10_000;

/** Sound of the person that may wait on a slow connection; more is dropped. */
const maxWaitingBytes = 256 * 1024;

/** Reasons of an end that is none: the session goes on at another gateway, for whoever comes back with the token. */
const elsewhere: ReadonlySet<string> = new Set(["drained", "moved", "taken"]);

type ClientEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

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
  #cancelAttempt: () => void = () => undefined;
  readonly #kept = new KeptSound<ClientEvent>();
  readonly #online = () => this.#retryNow();

  constructor(options: CallSocketOptions) {
    this.#options = options;
    globalThis.addEventListener?.("online", this.#online);
    this.#open();
  }

  /** @returns whether it went out; of sound, what a person says until the session is there again goes out then */
  send(event: ClientEvent): boolean {
    const socket = this.#socket;
    if (this.#lostAtMs !== undefined && event.type === "input_audio_buffer.append") {
      this.#kept.keep(event);
      return false;
    }
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
    this.#cancelAttempt = this.#options.clock.setTimer(this.#token === undefined ? firstAttemptMs : attemptMs, () => this.#drop(socket));
    socket.onopen = () => {
      this.#cancelAttempt();
      this.#heardAtMs = this.#options.clock.nowMs();
      this.#watch(socket);
      this.#options.onOpen(this.#token !== undefined);
    };
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
      for (const sound of this.#kept.take()) this.send(sound);
    }
    if (event.type === "troupe.ended" && !elsewhere.has(event.reason)) this.#reason = event.reason;
    if (event.type === "error" && this.#token === undefined) this.#reason = event.error.code ?? "failed";
    this.#options.onEvent(event);
  }

  #watch(socket: WebSocket): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#options.clock.setTimer(watchMs, () => {
      if (this.#ended || socket !== this.#socket) return;
      const nowMs = this.#options.clock.nowMs();
      const silentMs = nowMs - this.#heardAtMs;
      const opening = this.#token === undefined || this.#lostAtMs !== undefined;
      if (silentMs >= (opening ? openingDeadMs : deadMs)) return this.#drop(socket);
      if (silentMs >= quietMs) this.send({ type: "troupe.ping", t: nowMs });
      this.#watch(socket);
    });
  }

  /** Gives a connection up that may never tell that it is closed. */
  #drop(socket: WebSocket): void {
    socket.onopen = null;
    socket.onmessage = null;
    // It may tell at once.
    socket.onclose = null;
    socket.close();
    this.#closed(socket);
  }

  #closed(socket: WebSocket): void {
    if (socket !== this.#socket || this.#ended) return;
    socket.onclose = null;
    this.#cancelAttempt();
    this.#cancelWatch();
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

  /** The network is back: no need to wait, nor for an attempt over the network that was. What stands, its silence will tell. */
  #retryNow(): void {
    const socket = this.#socket;
    if (this.#ended || this.#lostAtMs === undefined || socket?.readyState === 1) return;
    this.#cancelTimer();
    this.#cancelAttempt();
    if (socket) {
      socket.onclose = null;
      socket.onopen = null;
      socket.close();
    }
    this.#open();
  }

  #finish(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimer();
    this.#cancelAttempt();
    this.#cancelWatch();
    globalThis.removeEventListener?.("online", this.#online);
    this.#options.onEnded(reason);
  }
}
