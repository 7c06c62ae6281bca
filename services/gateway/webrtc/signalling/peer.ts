import { ServiceError } from "@troupe/errors";
import { RTCPeerConnection, type RTCRtpTransceiver, type RtcpPacket, type RtpPacket } from "werift";
import { linkOf, type RtpLink } from "../rtp/rtp-link.ts";
import type { WebRtcOptions } from "../webrtc-options.ts";
import { addressedAnswer, attributeOf } from "./answer.ts";
import { isUsableCandidate } from "./candidate.ts";
import { mediaFormats } from "./media-formats.ts";
import type { Offer, Purpose } from "./offer.ts";
import type { SdpFragment } from "./sdp-fragment.ts";

/** Encoding of the sound that comes in. */
export type SoundFormat = "opus" | "pcmu" | "pcma";

export interface PeerEvents {
  readonly connected: () => void;
  /** Failed, or closed by the peer. */
  readonly gone: () => void;
  readonly sound: (packet: RtpPacket, format: SoundFormat) => void;
  readonly rtcp: (packet: RtcpPacket) => void;
}

const streamId = "avatar";

/** One WebRTC connection (werift), answering an offer. */
export class Peer {
  readonly #connection: RTCPeerConnection;
  readonly #options: WebRtcOptions;
  readonly #offer: Offer;
  readonly #stop = new AbortController();
  #candidates: number;
  #packets = 0;
  #answer = "";

  private constructor(offer: Offer, purpose: Purpose, options: WebRtcOptions) {
    this.#offer = offer;
    this.#options = options;
    this.#candidates = offer.candidates;
    this.#connection = new RTCPeerConnection({ ...mediaFormats(purpose), ...iceConfiguration(options), bundlePolicy: "max-bundle" });
  }

  /** @throws ServiceError INVALID_REQUEST where the offer cannot be answered */
  static async answer(offer: Offer, purpose: Purpose, options: WebRtcOptions): Promise<Peer> {
    const peer = new Peer(offer, purpose, options);
    try {
      await peer.#negotiate();
      return peer;
    } catch (cause) {
      await peer.close();
      throw new ServiceError("INVALID_REQUEST", "the offer cannot be answered", { cause });
    }
  }

  /** SDP. */
  get sdp(): string {
    return this.#answer;
  }

  /** Changes with each ICE session (RFC 9725 §4.3.1). */
  get etag(): string {
    return `"${attributeOf(this.#answer, "ice-ufrag") ?? ""}"`;
  }

  /** Grows while the peer is there: its packets, and its consents to be sent to (RFC 7675), which it gives each 5 s. */
  get signsOfLife(): number {
    const consents = this.#connection.iceTransports.map(({ connection }) => connection.nominated?.responsesReceived ?? 0);
    return consents.reduce((sum, count) => sum + count, this.#packets);
  }

  get soundFormat(): SoundFormat | undefined {
    const receiver = this.#transceiver("audio", "recvonly");
    return receiver && formatOf(receiver.codecs[0]?.mimeType);
  }

  get audio(): RtpLink | undefined {
    const sender = this.#transceiver("audio", "sendonly");
    return sender && linkOf(sender, this.#connection.cname);
  }

  get video(): RtpLink | undefined {
    const sender = this.#transceiver("video", "sendonly");
    return sender && linkOf(sender, this.#connection.cname);
  }

  /** Tells what happens from now on. */
  follow(events: PeerEvents): void {
    const connection = this.#connection;
    connection.connectionStateChange.subscribe((state) => {
      if (this.#stop.signal.aborted) return;
      if (state === "connected") events.connected();
      if (state === "failed" || state === "closed") events.gone();
    });
    for (const transport of connection.dtlsTransports) {
      transport.onRtcp.subscribe((packet) => {
        this.#packets++;
        events.rtcp(packet);
      });
      // A peer that says good-bye over DTLS is not seen in the connection's own state.
      transport.onStateChange.subscribe((state) => {
        if (!this.#stop.signal.aborted && state === "closed") events.gone();
      });
    }
    const receiver = this.#transceiver("audio", "recvonly");
    const formats = new Map(receiver?.codecs.map(({ payloadType, mimeType }) => [payloadType, formatOf(mimeType)]));
    const listen = (packet: RtpPacket) => {
      this.#packets++;
      const format = formats.get(packet.header.payloadType);
      if (format) events.sound(packet, format);
    };
    for (const track of receiver?.receiver.tracks ?? []) track.onReceiveRtp.subscribe(listen);
    receiver?.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(listen));
  }

  /** @throws ServiceError LIMIT_REACHED */
  async trickle({ candidates }: SdpFragment): Promise<void> {
    this.#candidates += candidates.length;
    if (this.#candidates > this.#options.maxCandidates)
      throw new ServiceError("LIMIT_REACHED", `a peer may have ${this.#options.maxCandidates} candidates`);
    for (const { candidate, mid } of candidates) {
      if (!isUsableCandidate(candidate.replace(/^candidate:/, ""))) continue;
      const index = Math.max(
        0,
        this.#offer.sections.findIndex((section) => section.mid === mid),
      );
      await this.#connection.addIceCandidate({ candidate, sdpMid: this.#offer.sections[index]?.mid ?? "0", sdpMLineIndex: index });
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#connection.close();
  }

  async #negotiate(): Promise<void> {
    const connection = this.#connection;
    await connection.setRemoteDescription({ type: "offer", sdp: this.#offer.sdp });
    for (const transceiver of connection.getTransceivers()) {
      const section = this.#offer.sections[transceiver.mLineIndex ?? 0];
      transceiver.setDirection(section?.direction ?? "inactive");
      // One stream for both: browsers keep sound and picture in sync within a stream only.
      transceiver.sender.streamId = streamId;
    }
    await connection.setLocalDescription(await connection.createAnswer());
    this.#answer = addressedAnswer(connection.localDescription?.sdp ?? "", this.#options);
  }

  #transceiver(kind: "audio" | "video", direction: "sendonly" | "recvonly"): RTCRtpTransceiver | undefined {
    return this.#connection
      .getTransceivers()
      .find((candidate) => candidate.kind === kind && [direction, "sendrecv"].includes(candidate.direction));
  }
}

function formatOf(mimeType: string | undefined): SoundFormat | undefined {
  const name = mimeType?.toLowerCase().replace("audio/", "");
  return name === "opus" || name === "pcmu" || name === "pcma" ? name : undefined;
}

function iceConfiguration({ iceServers, portRange, bindAddress }: WebRtcOptions) {
  return {
    iceServers: iceServers.flatMap(({ urls, ...rest }) => urls.map((url) => ({ urls: url, ...rest }))),
    icePortRange: portRange && ([...portRange] as [number, number]),
    iceInterfaceAddresses: bindAddress === undefined ? undefined : { udp4: bindAddress },
    // Loopback is no address that werift finds by itself.
    iceAdditionalHostAddresses: bindAddress === undefined ? undefined : [bindAddress],
    iceUseIpv6: false,
    iceUseTcp: false,
    iceStunGatherTimeout: 1,
  };
}
