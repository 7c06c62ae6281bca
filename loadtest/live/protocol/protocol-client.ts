import { fromBinary } from "@bufbuild/protobuf";
import { KeptSound } from "@troupe/client/kept-sound";
import { AvPacketSchema, Track } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type ReceivedUnit, UnitLog } from "./unit-log.ts";

export interface ProtocolClientOptions {
  /** Of the page, as http://host:port/ */
  readonly url: string;
  readonly language: string;
  /** Pixels of the square picture; 0: none. */
  readonly size: number;
  /** Where the gateway asks for one. */
  readonly apiKey?: string;
  readonly signal: AbortSignal;
}

export interface ServerEvent {
  readonly type: string;
  /** performance.now() when it came. */
  readonly nowMs: number;
  readonly [field: string]: unknown;
}

const openMs = 15_000;
const reportEveryMs = 250;
/** What such a client would hold back before it plays. */
const bufferUs = 120_000;
const elsewhere: ReadonlySet<string> = new Set(["drained", "moved", "taken"]);
const microphoneRateHz = 24_000;
const chunkMs = 20;

/** As the page's connection: silence for so long means that it is dead; then it comes back, at once and ever more seldom. */
const deadMs = 2500;
const watchMs = 500;
const firstDelayMs = 250;
const maxDelayMs = 4000;
const windowMs = 30_000;

/**
 * One person at the Realtime socket, without decoding anything: it notes what comes and when, reports what it would have played, and
 * comes back with its resume token when the connection is lost. Sound is asked for as PCM, so that it can be told apart without a
 * decoder. Beside the server's events there are `client.lost`, `client.resumed`
 * and `client.gone`.
 */
export class ProtocolClient implements AsyncDisposable {
  /** Where what comes is noted. */
  units = new UnitLog();
  readonly events: ServerEvent[] = [];
  readonly #options: ProtocolClientOptions;
  #socket: WebSocket | undefined;
  #resumeToken = "";
  #sessionId = "";
  #timers: NodeJS.Timeout[] = [];
  #microphone: Int16Array = new Int16Array();
  readonly #kept = new KeptSound();
  #heardAtMs = 0;
  #closed = false;

  private constructor(options: ProtocolClientOptions) {
    this.#options = options;
  }

  /** @throws ServiceError PEER_UNAVAILABLE, DEADLINE */
  static async connect(options: ProtocolClientOptions): Promise<ProtocolClient> {
    const client = new ProtocolClient(options);
    await client.#open();
    client.#timers = [
      setInterval(() => client.#report(), reportEveryMs),
      setInterval(() => client.#hear(), chunkMs),
      setInterval(() => client.#watch(), watchMs),
    ];
    return client;
  }

  get sessionId(): string {
    return this.#sessionId;
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** The session has ended, or was given up; it goes on where it is at another gateway. */
  get over(): boolean {
    return this.events.some(
      ({ type, ...event }) => type === "client.gone" || (type === "troupe.ended" && !elsewhere.has(String(event["reason"]))),
    );
  }

  send(event: object): void {
    if (this.connected) this.#socket?.send(JSON.stringify(event));
  }

  say(text: string): void {
    this.send({ type: "troupe.say", text, language: this.#options.language });
  }

  type(text: string): void {
    this.send({ type: "troupe.text", text, language: this.#options.language });
  }

  /** Whether something is still to be said of what it was to speak. */
  get speaking(): boolean {
    return this.#microphone.length > 0;
  }

  /** @param samples 24 kHz; said in real time */
  speak(samples: Float32Array): void {
    this.#microphone = Int16Array.from(samples, (value) => Math.round(value * 32767));
  }

  /** The first event that fits, already there or to come. @throws ServiceError DEADLINE */
  async event(accept: (event: ServerEvent) => boolean, timeoutMs: number, what: string): Promise<ServerEvent> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const found = this.events.find(accept);
      if (found) return found;
      if (performance.now() > untilMs) throw new ServiceError("DEADLINE", `not within ${timeoutMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      this.#options.signal.throwIfAborted();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.send({ type: "troupe.end" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.#socket?.close();
  }

  #watch(): void {
    if (this.connected && performance.now() - this.#heardAtMs > deadMs) this.#lost();
  }

  /** Leaves the connection and comes back until the session lets it in or is over. */
  #lost(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.events.push({ type: "client.lost", nowMs: performance.now() });
    void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    const untilMs = performance.now() + windowMs;
    for (let delayMs = firstDelayMs; !this.#closed && performance.now() < untilMs; delayMs = Math.min(maxDelayMs, 2 * delayMs)) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      try {
        await this.#open();
        this.events.push({ type: "client.resumed", nowMs: performance.now() });
        return;
      } catch {
        // The next try may do.
      }
    }
    this.events.push({ type: "client.gone", nowMs: performance.now() });
  }

  async #open(): Promise<void> {
    const address = new URL("/v1/realtime", this.#options.url);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    if (this.#resumeToken !== "") address.searchParams.set("resume", this.#resumeToken);
    const { apiKey } = this.#options;
    const socket = new WebSocket(address, apiKey === undefined ? [] : ["realtime", `openai-insecure-api-key.${apiKey}`]);
    socket.binaryType = "arraybuffer";
    const opened = Promise.withResolvers<void>();
    const failed = (why: string) => opened.reject(new ServiceError("PEER_UNAVAILABLE", `the session did not open: ${why}`));
    socket.onopen = () => socket.send(JSON.stringify(this.#sessionUpdate()));
    socket.onerror = () => failed("no connection");
    socket.onclose = () => {
      failed("the socket closed");
      if (this.#socket === socket && !this.#closed && !this.over) this.#lost();
    };
    socket.onmessage = ({ data }) => {
      this.#heardAtMs = performance.now();
      if (typeof data !== "string") return this.#take(new Uint8Array(data as ArrayBuffer));
      const event: ServerEvent = { ...(JSON.parse(data) as { type: string }), nowMs: performance.now() };
      this.events.push(event);
      // What differs between two refusals for one reason is left out.
      if (event.type === "error" || event.type === "troupe.error")
        failed(JSON.stringify({ ...(event["error"] ?? event), event_id: undefined, nowMs: undefined }));
      if (event.type !== "troupe.session.started") return;
      this.#resumeToken = String(event["resume_token"] ?? "");
      this.#sessionId = String(event["session_id"] ?? "");
      opened.resolve();
    };
    const timer = setTimeout(() => failed("too late"), openMs);
    try {
      await opened.promise;
      this.#socket = socket;
    } catch (thrown) {
      socket.close();
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  #sessionUpdate(): object {
    const { language, size } = this.#options;
    const output = {
      width: size,
      height: size,
      frames_per_second: 25,
      captions: false,
      audio_codec: "pcm16",
      video_codec: "h264-high",
    };
    const troupe = { output, media: "binary", ...(this.#resumeToken === "" && { language }) };
    return { type: "session.update", session: { type: "realtime", troupe } };
  }

  #take(bytes: Uint8Array): void {
    const { body } = fromBinary(AvPacketSchema, bytes);
    if (body.case !== "unit") return;
    const { track, ptsUs, durationUs, keyframe, response, data } = body.value;
    const unit: ReceivedUnit = { track, ptsUs: Number(ptsUs), durationUs, keyframe, response, data, nowMs: performance.now() };
    this.units.add(unit);
  }

  #report(): void {
    const position = this.units.newestUs(Track.AUDIO) - bufferUs;
    if (position > 0)
      this.send({
        type: "troupe.playback",
        position_us: position,
        buffered_us: bufferUs,
        underruns: 0,
        dropped_frames: 0,
        av_offset_us: 0,
      });
  }

  #hear(): void {
    const size = (microphoneRateHz * chunkMs) / 1000;
    const chunk = new Int16Array(size);
    chunk.set(this.#microphone.subarray(0, size));
    this.#microphone = this.#microphone.subarray(size);
    const sound = { type: "input_audio_buffer.append", audio: Buffer.from(chunk.buffer).toString("base64") };
    if (!this.connected) return this.#kept.keep(sound);
    for (const kept of this.#kept.take()) this.send(kept);
    this.send(sound);
  }
}
