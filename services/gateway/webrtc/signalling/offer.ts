import { ServiceError } from "@troupe/errors";
import { isUsableCandidate } from "./candidate.ts";
import { keepH264 } from "./h264-formats.ts";

/** What a resource carries: the microphone in, picture and sound out, or both. */
export type Purpose = "whip" | "whep" | "webrtc";

export interface Offer {
  /** The offer with what the gateway does not use left out: unusable candidates, other picture formats. */
  readonly sdp: string;
  /** Sections by their place in the offer. */
  readonly sections: readonly OfferSection[];
  readonly candidates: number;
}

export interface OfferSection {
  readonly kind: "audio" | "video";
  readonly mid: string;
  /** What the answer's section is to be. */
  readonly direction: AnswerDirection;
}

export type AnswerDirection = "sendonly" | "recvonly" | "sendrecv" | "inactive";

const maxSections = 4;
const soundNames = /^a=rtpmap:\d+ (opus\/48000\/2|PCMU\/8000(\/1)?|PCMA\/8000(\/1)?)$/i;
const opusName = /^a=rtpmap:\d+ opus\/48000\/2$/i;

/**
 * Reads an SDP offer (RFC 8866, RFC 8829) for WHIP (RFC 9725 §4.2), WHEP, or both at once.
 * @throws ServiceError INVALID_REQUEST, with what is missing
 */
export function readOffer(text: string, purpose: Purpose, maxCandidates: number): Offer {
  const blocks = splitSections(text);
  const [session = [], ...media] = blocks;
  if (session[0] !== "v=0") throw refused("the body is no SDP");
  if (media.length === 0) throw refused("the offer has no media section");
  if (media.length > maxSections) throw refused(`an offer may have ${maxSections} media sections`);
  for (const needed of ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"])
    if (!media.every((lines) => [...session, ...lines].some((line) => line.startsWith(needed))))
      throw refused(`the offer lacks ${needed.slice(2, -1)}`);
  const candidates = blocks.flat().filter((line) => line.startsWith("a=candidate:")).length;
  if (candidates > maxCandidates) throw refused(`an offer may have ${maxCandidates} candidates`);
  const taken = new Set<string>();
  const sections = media.map((lines) => readSection(lines, session, purpose, taken));
  checkPurpose(sections, purpose);
  const kept = [session, ...media.map((lines, index) => (sections[index]?.kind === "video" ? keepH264(lines) : lines))];
  return { sdp: `${kept.flat().filter(isKept).join("\r\n")}\r\n`, sections, candidates };
}

function splitSections(text: string): string[][] {
  const blocks: string[][] = [[]];
  for (const line of text.split(/\r\n|\n/)) {
    if (line === "") continue;
    if (!/^[a-z]=/.test(line)) throw refused("the body is no SDP");
    if (line.startsWith("m=")) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  return blocks;
}

function readSection(lines: readonly string[], session: readonly string[], purpose: Purpose, taken: Set<string>): OfferSection {
  const [kind, , protocol] = (lines[0] ?? "").slice(2).split(" ");
  if (kind !== "audio" && kind !== "video") throw refused(`there is no use for a section of ${kind?.slice(0, 20)}`);
  if (protocol !== "UDP/TLS/RTP/SAVPF") throw refused("media must be UDP/TLS/RTP/SAVPF");
  const mid = lines.find((line) => line.startsWith("a=mid:"))?.slice(6);
  if (!mid) throw refused("a media section has no mid");
  if (!lines.includes("a=rtcp-mux")) throw refused("rtcp-mux is required");
  const offered = directionOf(lines) ?? directionOf(session) ?? "sendrecv";
  const wanted = taken.has(kind) || !hasUsableFormat(kind, lines, purpose) ? "inactive" : answerTo(kind, offered, purpose);
  if (wanted !== "inactive") taken.add(kind);
  return { kind, mid, direction: wanted };
}

const directionOf = (lines: readonly string[]) =>
  lines.map((line) => line.slice(2)).find((line) => ["sendonly", "recvonly", "sendrecv", "inactive"].includes(line)) as
    | AnswerDirection
    | undefined;

function hasUsableFormat(kind: "audio" | "video", lines: readonly string[], purpose: Purpose): boolean {
  if (kind === "video") return keepH264(lines) !== lines;
  return lines.some((line) => (purpose === "whip" ? soundNames : opusName).test(line));
}

function answerTo(kind: "audio" | "video", offered: AnswerDirection, purpose: Purpose): AnswerDirection {
  const hears = kind === "audio" && purpose !== "whep" && (offered === "sendonly" || offered === "sendrecv");
  const shows = purpose !== "whip" && (offered === "recvonly" || offered === "sendrecv");
  if (hears && shows) return "sendrecv";
  if (hears) return "recvonly";
  return shows ? "sendonly" : "inactive";
}

function checkPurpose(sections: readonly OfferSection[], purpose: Purpose): void {
  const sound = sections.find(({ kind, direction }) => kind === "audio" && direction !== "inactive")?.direction;
  if (purpose === "whip" && sound !== "recvonly") throw refused("the offer must send sound as Opus, PCMU or PCMA");
  if (purpose === "webrtc" && sound !== "sendrecv") throw refused("the offer must send and receive sound as Opus");
  if (purpose === "whep" && sections.every(({ direction }) => direction === "inactive"))
    throw refused("the offer must receive sound as Opus or a picture as H.264 with packetization-mode 1");
}

function isKept(line: string): boolean {
  if (line === "a=end-of-candidates") return false;
  return !line.startsWith("a=candidate:") || isUsableCandidate(line.slice(12));
}

const refused = (message: string) => new ServiceError("INVALID_REQUEST", message);
