import { create } from "@bufbuild/protobuf";
import { AudioCodec, type OutputSettings, Pacing, PresentationSettingsSchema, StartSchema, VideoCodec } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { joinSession, resumeSession } from "../access/join-session.ts";
import type { Principal } from "../access/principal.ts";
import type { Gateway } from "../gateway.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { Purpose } from "./signalling/offer.ts";
import type { Peer } from "./signalling/peer.ts";

/** What a POST says of the session, beside the offer. */
export interface SessionQuery {
  /** A session of the caller's tenant. */
  readonly session?: string | undefined;
  /** Resume token of a session. */
  readonly resume?: string | undefined;
  readonly avatar?: string | undefined;
  readonly language?: string | undefined;
  readonly width?: string | undefined;
  readonly height?: string | undefined;
  readonly captions?: string | undefined;
  readonly greeting?: string | undefined;
}

export interface PeerSession {
  readonly session: LiveSession;
  readonly resumed: boolean;
}

const defaultSize = 512;
const videoBitrateBps = 1_000_000;
/** H.264 level 3.1, which answers name: 3,600 macroblocks. */
const maxPixels = 1280 * 720;

/**
 * The session that a peer belongs to: the one that is named, or a new one.
 * @throws ServiceError SESSION_UNKNOWN, INVALID_REQUEST and all of Gateway.open
 */
export async function sessionOf(gateway: Gateway, principal: Principal, peer: Peer, query: SessionQuery): Promise<PeerSession> {
  if (query.resume !== undefined) return { session: await resumeSession(gateway, principal, query.resume), resumed: true };
  if (query.session !== undefined) return { session: await joinSession(gateway, principal, query.session), resumed: true };
  const { width, height } = sizeOf(query);
  const presentation = create(PresentationSettingsSchema, {
    width,
    height,
    videoBitrateBps,
    captions: query.captions !== "false",
    pacing: Pacing.LIVE,
    audioCodec: AudioCodec.OPUS,
    videoCodec: VideoCodec.H264_BASELINE,
  });
  const start = create(StartSchema, {
    tenant: principal.tenant,
    avatar: query.avatar ?? "",
    language: query.language ?? "",
    sampleRateHz: peer.soundFormat === "pcmu" || peer.soundFormat === "pcma" ? 8000 : 48_000,
    presentation,
    greeting: query.greeting ?? "",
  });
  const session = await gateway.open(start, principal);
  // Nobody listens before the peer is connected: what is said until then waits for it, as an answer waits for a lost client.
  session.conversation.left();
  if (query.greeting) session.conversation.say(query.greeting, query.language ?? "");
  return { session, resumed: false };
}

/** @throws ServiceError INVALID_REQUEST */
function sizeOf({ width, height }: SessionQuery): { readonly width: number; readonly height: number } {
  const [w, h] = [width, height].map((given) => (given === undefined ? defaultSize : Number(given))) as [number, number];
  const isSide = (side: number) => Number.isInteger(side) && side >= 64 && side % 2 === 0;
  if (!isSide(w) || !isSide(h) || w * h > maxPixels)
    throw new ServiceError("INVALID_REQUEST", "width and height must be even, at least 64, and at most 1280x720 in all");
  return { width: w, height: h };
}

/** Where the session's output is not for RTP (a page opened it, say), it becomes so from the next frame on. */
export function suitOutput(session: LiveSession, purpose: Purpose, peer: Peer): void {
  if (purpose === "whip") return;
  const { output } = session;
  const wanted = rtpOutput(output, peer.video !== undefined);
  const differs = (["audioCodec", "videoCodec", "width", "height", "videoBitrateBps"] as const).some(
    (field) => output[field] !== wanted[field],
  );
  if (differs) session.setOutput(wanted);
}

function rtpOutput(output: OutputSettings, picture: boolean): OutputSettings {
  const draws = picture && output.width === 0;
  return {
    ...output,
    audioCodec: AudioCodec.OPUS,
    ...(picture ? { videoCodec: VideoCodec.H264_BASELINE, videoBitrateBps: output.videoBitrateBps || videoBitrateBps } : {}),
    ...(draws ? { width: defaultSize, height: defaultSize } : {}),
  };
}
