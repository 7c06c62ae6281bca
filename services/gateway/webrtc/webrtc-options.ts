import type { LiveSession } from "../session/live-session.ts";
import type { CongestionHint } from "./rtp/congestion.ts";

/** A STUN or TURN server, as in RTCConfiguration. */
export interface IceServer {
  /** "stun:host:port", "turn:host:port?transport=udp", "turns:…". */
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** Bounds and addresses of the gateway's WebRTC. */
export interface WebRtcOptions {
  /** Used by the gateway, and named to clients in Link headers. */
  readonly iceServers: readonly IceServer[];
  /** UDP ports of media, both ends included; absent: any free ones. */
  readonly portRange?: readonly [number, number];
  /** IPv4 address under which clients reach this machine (1:1 NAT); it stands in answers in place of the local ones. */
  readonly publicAddress?: string;
  /** The only local IPv4 address that media uses; absent: every one but loopback. */
  readonly bindAddress?: string;
  readonly maxSdpBytes: number;
  /** Of one offer, and in all that is trickled to one resource. */
  readonly maxCandidates: number;
  readonly maxResourcesPerSession: number;
  readonly maxResourcesPerKey: number;
  /** Offers that were answered and have not connected, over all keys. */
  readonly maxConnecting: number;
  readonly connectTimeoutMs: number;
  /** From the last sign of life of a connected peer to giving it up. */
  readonly lostTimeoutMs: number;
  /** What a peer's network carries, within a step of the output's ladder; absent: the encoder follows it. */
  readonly onCongestion?: (session: LiveSession, hint: CongestionHint) => void;
}

export const defaultWebRtcOptions: WebRtcOptions = {
  iceServers: [],
  maxSdpBytes: 64 * 1024,
  maxCandidates: 32,
  maxResourcesPerSession: 4,
  maxResourcesPerKey: 64,
  maxConnecting: 32,
  connectTimeoutMs: 10_000,
  lostTimeoutMs: 15_000,
};
