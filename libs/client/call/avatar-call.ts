import type { Clock } from "@troupe/timeline";
import type { ClientAssets } from "../assets.ts";
import { CallSocket } from "../connection/call-socket.ts";
import { type Microphone, openMicrophone } from "../microphone/microphone.ts";
import type { Player, PlayerEvents, PlayerReadout } from "../player/player.ts";
import { sharedNowMs } from "../player/player-messages.ts";
import { pcm16Text } from "../sound/pcm16-text.ts";
import type { OutputJson, ServerEvent } from "../wire/server-event.ts";
import { socketAddress, socketProtocols } from "./call-address.ts";
import { CallEventTarget } from "./call-events.ts";
import type { CallOptions, TurnMode } from "./call-options.ts";
import { type CallSignal, type CallState, nextState } from "./call-state.ts";
import { CaptionTrack } from "./caption-track.ts";
import { keepSoundRunning } from "./sound-keeper.ts";
import { VoiceWatch } from "./voice-watch.ts";

/** What a call needs beside its options. */
export interface CallDeps {
  readonly clock: Clock;
  readonly assets: ClientAssets;
  /** Address of the gateway. */
  readonly base: string;
  readonly context: AudioContext;
  readonly openPlayer: (events: PlayerEvents) => Promise<Player>;
  readonly output: OutputJson;
}

export interface CallReadout extends PlayerReadout {
  readonly state: CallState;
  readonly sessionId: string;
  /** Step of the output ladder: 0 is what was asked for. */
  readonly step: number;
  readonly microphoneDb: number;
  /** Who takes the page's own sound out of the microphone. */
  readonly echoCancelled: Microphone["echoCancelled"];
  readonly voiceToSoundMs: readonly number[];
}

/** What a picture is labelled with where the server names nothing: it is never left out. */
const defaultLabel = "AI-generated";
const pollMs = 100;
const reportMs = 250;

/** One conversation with an avatar. Made by `connectAvatar`. */
export class AvatarCall extends CallEventTarget {
  readonly #deps: CallDeps;
  readonly #options: CallOptions;
  readonly #socket: CallSocket;
  readonly #opening: Promise<Player>;
  readonly #captions = new CaptionTrack();
  readonly #voice = new VoiceWatch();
  readonly #latencies: number[] = [];
  #state: CallState = "connecting";
  #player: Player | undefined;
  #beforePlayer: ArrayBuffer[] = [];
  #microphone: Microphone | undefined;
  #turns: TurnMode;
  #muted = false;
  #talking = false;
  #output: OutputJson;
  #sessionId = "";
  #step = 0;
  #askedMs: number | undefined;
  #askedByText = false;
  #reportedMs = 0;
  #sounding = 0;
  #cancelPoll: () => void = () => undefined;
  readonly #leaveSound: () => void;

  constructor(options: CallOptions, deps: CallDeps) {
    super();
    this.#options = options;
    this.#deps = deps;
    this.#turns = options.turns ?? "hands-free";
    this.#output = deps.output;
    this.#opening = deps.openPlayer(this.#playerEvents());
    this.#socket = new CallSocket({
      clock: deps.clock,
      connect: (token) => new WebSocket(socketAddress(options, deps.base, token), socketProtocols(options.token)),
      onOpen: (resumed) => this.#opened(resumed),
      onEvent: (event) => this.#event(event),
      onMedia: (frame) => this.#media(frame),
      onLost: () => this.#signal("lost"),
      onEnded: (reason) => this.#ended(reason),
    });
    this.#leaveSound = keepSoundRunning({
      clock: deps.clock,
      context: deps.context,
      page: globalThis,
      onBlocked: (blocked) => this.emit("blocked", { blocked }),
    });
    void this.#start();
  }

  get state(): CallState {
    return this.#state;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Typed words, which the avatar answers. At most 4,000 characters. */
  type(text: string, language = this.#options.language ?? ""): void {
    this.#asked(sharedNowMs(), true);
    this.#socket.send({ type: "troupe.text", text, language });
  }

  /** The avatar says this as it is. */
  say(text: string, language = this.#options.language ?? "", uninterruptible = false): void {
    this.#socket.send({ type: "troupe.say", text, language, uninterruptible });
  }

  /** Stops what the avatar says. */
  interrupt(): void {
    this.#socket.send({ type: "troupe.interrupt" });
  }

  /** Another form of picture and sound, from now on. */
  setOutput(output: OutputJson): void {
    this.#output = { ...this.#output, ...output };
    this.#socket.send({ type: "troupe.output.update", output: this.#output });
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#microphone?.setMuted(muted);
  }

  setTurns(turns: TurnMode): void {
    this.#turns = turns;
    this.#talking = false;
    this.#socket.send({ type: "session.update", session: { type: "realtime", audio: { input: this.#input() } } });
  }

  /** Push-to-talk: the button goes down, or up. What was said meanwhile is answered. */
  talk(pressed: boolean): void {
    if (this.#turns !== "push-to-talk" || pressed === this.#talking) return;
    this.#talking = pressed;
    if (pressed) {
      this.interrupt();
      this.#socket.send({ type: "input_audio_buffer.clear" });
      return;
    }
    this.#asked(sharedNowMs(), false);
    this.#socket.send({ type: "input_audio_buffer.commit" });
    this.#socket.send({ type: "response.create" });
  }

  /** Hangs up. */
  end(): void {
    this.#socket.send({ type: "troupe.end" });
    this.#socket.close("client");
  }

  readout(): CallReadout {
    const player = this.#player?.readout() ?? emptyReadout;
    return {
      ...player,
      state: this.#state,
      sessionId: this.#sessionId,
      step: this.#step,
      microphoneDb: this.#voice.levelDb,
      echoCancelled: this.#microphone?.echoCancelled ?? "no",
      voiceToSoundMs: this.#latencies,
    };
  }

  #playerEvents(): PlayerEvents {
    return {
      started: (response: number, atMs: number) => this.#sounds(response, atMs),
      silenced: (response: number, atUs: number) => {
        this.#report({ response, at_us: atUs });
        this.emit("silenced", { response, atUs });
      },
      firstPicture: (atMs: number) => this.emit("first-picture", { atMs }),
      keyframeNeeded: () => void this.#socket.send({ type: "troupe.keyframe" }),
      failed: (what: string, message: string) => this.emit("error", { code: `PLAYER_${what.toUpperCase()}`, message }),
    };
  }

  async #start(): Promise<void> {
    const { context, assets } = this.#deps;
    try {
      this.#player = await this.#opening;
    } catch (thrown) {
      this.emit("error", { code: "PLAYER_AUDIO", message: thrown instanceof Error ? thrown.message : String(thrown) });
      return this.end();
    }
    for (const frame of this.#beforePlayer.splice(0)) this.#player.packet(frame);
    this.#poll();
    if (this.#options.microphone === false) return;
    await context.audioWorklet.addModule(assets.captureWorklet);
    await this.#openMicrophone(this.#player);
  }

  async #openMicrophone(player: Player): Promise<void> {
    const { microphone } = this.#options;
    const result = await openMicrophone({
      context: this.#deps.context,
      reference: player.output,
      processing: true,
      ...(typeof microphone === "object" ? microphone : {}),
      onSound: (samples) => this.#heard(samples),
      onLost: () => this.emit("microphone", { open: false, problem: "lost" }),
    });
    if (!result.ok) return this.emit("microphone", { open: false, problem: result.problem });
    if (this.#state === "ended") return result.microphone.close();
    this.#microphone = result.microphone;
    result.microphone.setMuted(this.#muted);
    this.emit("microphone", { open: true });
  }

  #heard(samples: Float32Array): void {
    this.#voice.heard(samples, sharedNowMs());
    if (this.#turns === "push-to-talk" && !this.#talking) return;
    this.#socket.send({ type: "input_audio_buffer.append", audio: pcm16Text(samples) });
  }

  #input(): object {
    const hold = this.#turns === "push-to-talk";
    return { format: { type: "audio/pcm", rate: 24_000 }, turn_detection: hold ? null : { type: "server_vad" } };
  }

  #opened(resumed: boolean): void {
    if (resumed) this.#report();
    const { avatar, language, greeting } = this.#options;
    const first = resumed ? {} : { avatar, language, greeting };
    const troupe = { media: "binary", output: this.#output, ...Object.fromEntries(Object.entries(first).filter(([, value]) => value)) };
    this.#socket.send({ type: "session.update", session: { type: "realtime", audio: { input: this.#input() }, troupe } });
  }

  #media(frame: ArrayBuffer): void {
    if (this.#player) this.#player.packet(frame);
    else if (this.#beforePlayer.length < 500) this.#beforePlayer.push(frame);
  }

  #event(event: ServerEvent): void {
    this.emit("server", event);
    if (event.type === "troupe.session.started") this.#started(event);
    else if (event.type === "troupe.held") this.#player?.[event.held ? "hold" : "release"](event.response);
    else if (event.type === "troupe.cancelled") this.#cancelled(event.response);
    else if (event.type === "troupe.utterance") this.#utterance(event);
    else if (event.type === "troupe.response") this.#response(event);
    else this.#passOn(event);
  }

  #passOn(event: ServerEvent): void {
    if (event.type === "troupe.response.text") this.emit("text", event);
    else if (event.type === "troupe.heard") this.emit("heard", event);
    else if (event.type === "troupe.caption") this.#captions.add(event.session_pts_us, event.text);
    else if (event.type === "troupe.notice") this.emit("notice", event);
    else if (event.type === "troupe.error") this.emit("error", event);
    else if (event.type === "error") this.emit("error", { code: event.error.code ?? "", message: event.error.message });
    else if (event.type === "troupe.output.changed") {
      this.#step = event.step;
      this.emit("output", event);
    }
  }

  #started(event: Extract<ServerEvent, { type: "troupe.session.started" }>): void {
    this.#sessionId = event.session_id;
    if (event.resumed) this.#player?.restart();
    if (this.#options.render === "client") this.#drawMotion(event.avatar, event.label || defaultLabel);
    this.emit("started", event);
    this.#signal("started");
  }

  #drawMotion(avatar: string, label: string): void {
    const avatarUrl = new URL(`/v1/avatars/${avatar}/avatar.json`, this.#deps.base).href;
    const { width, height } = this.#options.output ?? {};
    void this.#opening
      .then((player) => player.drawMotion({ avatarUrl, label, width: width ?? 512, height: height ?? 512 }))
      .catch(() => undefined);
  }

  #cancelled(response: number): void {
    this.#player?.cancel(response);
    this.#captions.clear();
  }

  #utterance(event: Extract<ServerEvent, { type: "troupe.utterance" }>): void {
    if (event.state === "started") this.#signal("heard-voice");
    if (event.state === "ended" && this.#turns === "hands-free") this.#asked(this.#voice.lastVoiceMs ?? sharedNowMs(), false);
    this.emit("utterance", event);
  }

  #response(event: Extract<ServerEvent, { type: "troupe.response" }>): void {
    if (event.state === "created") this.#signal("asked");
    if (event.state === "done" && this.#sounding === 0) this.#signal("answered");
  }

  #asked(atMs: number, byText: boolean): void {
    this.#askedMs = atMs;
    this.#askedByText = byText;
    this.#signal("asked");
  }

  #sounds(response: number, atMs: number): void {
    this.#sounding = response;
    this.#signal("sounds");
    if (this.#askedMs === undefined) return;
    const voiceToSoundMs = Math.round(atMs - this.#askedMs);
    this.#askedMs = undefined;
    this.#latencies.push(voiceToSoundMs);
    if (this.#latencies.length > 500) this.#latencies.shift();
    this.emit("latency", { voiceToSoundMs, typed: this.#askedByText });
  }

  /** What depends on where the sound is: captions, the end of an answer, reports. */
  #poll(): void {
    this.#cancelPoll = this.#deps.clock.setTimer(pollMs, () => this.#poll());
    const readout = this.#player?.readout();
    if (!readout) return;
    const text = this.#captions.due(readout.positionUs);
    if (text !== undefined) this.emit("caption", { text });
    // Sound that ran out and came again begins anew without being a new response.
    if ((readout.sounding === 0) !== (this.#sounding === 0)) this.#signal(readout.sounding === 0 ? "silent" : "sounds");
    this.#sounding = readout.sounding;
    if (this.#deps.clock.nowMs() - this.#reportedMs >= reportMs - pollMs / 2) this.#report();
  }

  #report(silenced?: { readonly response: number; readonly at_us: number }): void {
    const readout = this.#player?.readout();
    if (!readout || this.#sessionId === "") return;
    this.#reportedMs = this.#deps.clock.nowMs();
    this.#socket.send({
      type: "troupe.playback",
      position_us: readout.positionUs,
      buffered_us: readout.bufferedUs,
      underruns: readout.underruns,
      dropped_frames: readout.picture.dropped,
      av_offset_us: readout.picture.avOffsetUs,
      ...(silenced ? { silenced } : {}),
    });
  }

  #signal(signal: CallSignal, reason?: string): void {
    const state = nextState(this.#state, signal);
    if (state === this.#state) return;
    this.#state = state;
    this.emit("state", { state, ...(reason === undefined ? {} : { reason }) });
  }

  #ended(reason: string): void {
    this.#cancelPoll();
    this.#leaveSound();
    this.#microphone?.close();
    this.#player?.close();
    this.#captions.clear();
    this.#signal("ended", reason);
    void this.#deps.context.close();
  }
}

const emptyReadout: PlayerReadout = {
  positionUs: 0,
  bufferedUs: 0,
  targetUs: 0,
  underruns: 0,
  sounding: 0,
  picture: { shown: 0, dropped: 0, avOffsetUs: 0, ptsUs: -1, framesPerSecond: 0, width: 0, height: 0 },
};
