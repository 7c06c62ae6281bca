import { randomUUID } from "node:crypto";
import { decodeALaw, decodeMuLaw } from "@troupe/audio";
import type { OutputSettings } from "@troupe/contracts";
import type { Principal } from "../access/principal.ts";
import type { LiveDeps } from "../http/live-deps.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { SessionEvent } from "../session/session-event.ts";
import { Microphone } from "./microphone/microphone.ts";
import { G711Decoder, OpusDecoder } from "./microphone/sound-decoder.ts";
import { OutgoingMedia } from "./rtp/outgoing-media.ts";
import { PlaybackEstimate } from "./rtp/playback-estimate.ts";
import { ReceiverFeedback } from "./rtp/receiver-feedback.ts";
import type { Purpose } from "./signalling/offer.ts";
import type { Peer, SoundFormat } from "./signalling/peer.ts";
import type { WebRtcOptions } from "./webrtc-options.ts";

export interface ResourceFacts {
  readonly purpose: Purpose;
  readonly principal: Principal;
  readonly session: LiveSession;
  readonly peer: Peer;
  /** Whether the session was there before. */
  readonly resumed: boolean;
  /** Whether nobody is attached to the session but WebRTC peers, who tell nothing of their playback. */
  readonly playsAlone: () => boolean;
  /** Whether other peers are bound to the session, connected or not. */
  readonly hasOthers: () => boolean;
}

const playbackEveryMs = 250;
const watchEveryMs = 1000;

/**
 * A WHIP or WHEP session (RFC 9725 calls it a resource): one peer bound to one live session, from its offer until it is deleted, its
 * network is gone, or the session ends.
 */
export class PeerResource {
  readonly id = randomUUID();
  readonly facts: ResourceFacts;
  readonly #deps: LiveDeps;
  readonly #options: WebRtcOptions;
  readonly #onClose: (resource: PeerResource) => void;
  readonly #playback = new PlaybackEstimate();
  readonly #timers = new Map<"connect" | "life" | "playback", () => void>();
  #media: OutgoingMedia | undefined;
  #feedback: ReceiverFeedback | undefined;
  #microphone: Microphone | undefined;
  #detach: () => void = () => undefined;
  #connected = false;
  #closed = false;

  constructor(deps: LiveDeps, options: WebRtcOptions, facts: ResourceFacts, onClose: (resource: PeerResource) => void) {
    this.facts = facts;
    this.#deps = deps;
    this.#options = options;
    this.#onClose = onClose;
    this.#timer("connect", options.connectTimeoutMs, () => this.#giveUp("did not connect"));
    facts.peer.follow({
      connected: () => this.#onConnected(),
      gone: () => this.#giveUp("is gone"),
      sound: ({ header, payload }, format) => {
        this.#microphone ??= this.#listen(format);
        this.#microphone.push({ sequence: header.sequenceNumber, timestamp: header.timestamp, payload });
      },
      rtcp: (packet) => this.#feedback?.take(packet),
    });
    // The session ends: so does the connection, connected or not.
    void facts.session.ended.then(() => this.#giveUp("has no session any more"));
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** The person says good-bye: a session that nobody else is attached to ends. */
  async remove(): Promise<void> {
    await this.close();
    if (this.#isAbandoned()) await this.facts.session.end("client");
  }

  /** Idempotent. The session goes on, and waits for its client to come back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose(this);
    for (const cancel of this.#timers.values()) cancel();
    this.#detach();
    this.#microphone?.close();
    this.#feedback?.close();
    this.#media?.close();
    await this.facts.peer.close();
  }

  #giveUp(what: string): void {
    if (this.#closed) return;
    const { session, resumed } = this.facts;
    this.#deps.logger.info({ resource: this.id, session: session.id }, `a WebRTC peer ${what}`);
    const unused = !this.#connected && !resumed;
    const closing = this.close().then(() => (unused && this.#isAbandoned() ? session.end("lost") : undefined));
    void closing.catch((thrown: unknown) => this.#deps.logger.warn({ thrown: String(thrown) }, "a WebRTC peer could not be closed"));
  }

  #isAbandoned(): boolean {
    return this.facts.session.attached === 0 && !this.facts.hasOthers();
  }

  #onConnected(): void {
    this.#timers.get("connect")?.();
    if (this.#connected || this.#closed) return;
    this.#connected = true;
    const { peer, session, purpose, resumed } = this.facts;
    if (purpose !== "whip") this.#show(peer, session);
    this.#watch(peer.signsOfLife, 0);
    const feedback = () => this.#feedback;
    const attachment = {
      event: (event: SessionEvent) => this.#event(event),
      listens: purpose !== "whip",
      get congested() {
        return feedback()?.congested ?? false;
      },
    };
    this.#detach = session.attach(attachment, { resumed });
  }

  /** @param quietMs since `signs` grew */
  #watch(signs: number, quietMs: number): void {
    if (quietMs >= this.#options.lostTimeoutMs) return this.#giveUp("was lost");
    this.#timer("life", watchEveryMs, () => {
      const now = this.facts.peer.signsOfLife;
      this.#watch(now, now > signs ? 0 : quietMs + watchEveryMs);
    });
  }

  #event(event: SessionEvent): void {
    if (event.case === "av") this.#media?.take(event.value.body);
    if (event.case === "outputChanged" && event.value.output) this.#shape(event.value.output);
  }

  /** The encoder has a new target. */
  #shape({ width, videoBitrateBps }: OutputSettings): void {
    const targetBps = width === 0 ? 0 : videoBitrateBps;
    if (this.#media) this.#media.targetBps = targetBps;
    if (this.#feedback) this.#feedback.videoBitrateBps = targetBps;
  }

  #show(peer: Peer, session: LiveSession): void {
    const { clock } = this.#deps;
    const { audio, video } = peer;
    const requestKeyframe = () => session.conversation.requestKeyframe(0);
    const onDropped = () => {
      session.congested();
      requestKeyframe();
    };
    this.#media = new OutgoingMedia({ clock, onDropped }, { audio, video });
    const { onCongestion = followNetwork } = this.#options;
    this.#feedback = new ReceiverFeedback(
      clock,
      { audioSsrc: audio?.ssrc, videoSsrc: video?.ssrc, videoBitrateBps: session.output.videoBitrateBps },
      {
        keyframe: requestKeyframe,
        congestion: (hint) => onCongestion(session, hint),
        sound: (report) => this.#playback.heard(report, clock.nowMs()),
      },
    );
    this.#shape(session.output);
    this.#timer("playback", playbackEveryMs, () => this.#tellPlayback());
  }

  #tellPlayback(): void {
    const { clock } = this.#deps;
    const position = this.#media && this.#playback.at(this.#media.newestSoundUs, clock.nowMs());
    if (position && this.facts.playsAlone()) this.facts.session.conversation.playback(position);
    this.#timer("playback", playbackEveryMs, () => this.#tellPlayback());
  }

  #listen(format: SoundFormat): Microphone {
    const { conversation } = this.facts.session;
    const decoder = {
      opus: (onSound: (samples: Float32Array) => void) => new OpusDecoder(onSound),
      pcmu: (onSound: (samples: Float32Array) => void) => new G711Decoder(decodeMuLaw, onSound),
      pcma: (onSound: (samples: Float32Array) => void) => new G711Decoder(decodeALaw, onSound),
    }[format];
    return new Microphone(this.#deps.clock, decoder, (samples, sampleRateHz) => conversation.hear(samples, sampleRateHz));
  }

  #timer(name: "connect" | "life" | "playback", delayMs: number, callback: () => void): void {
    this.#timers.get(name)?.();
    this.#timers.set(name, this.#deps.clock.setTimer(delayMs, callback));
  }
}

/** Within a step of the ladder the encoder follows the peer's network. */
const followNetwork: NonNullable<WebRtcOptions["onCongestion"]> = (session, { bitrateBps }) =>
  session.conversation.requestKeyframe(bitrateBps);
