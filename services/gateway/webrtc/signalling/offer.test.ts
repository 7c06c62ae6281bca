import { isServiceError } from "@troupe/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Purpose, readOffer } from "./offer.ts";

const head = [
  "v=0",
  "o=- 1 1 IN IP4 0.0.0.0",
  "s=-",
  "t=0 0",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:abcdefghijklmnopqrstuvwx",
  "a=fingerprint:sha-256 00",
];
const audio = (direction: string, mid = "0") => [
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
  `a=mid:${mid}`,
  `a=${direction}`,
  "a=rtcp-mux",
  "a=rtpmap:111 opus/48000/2",
];
/** As Chromium offers it: VP8 first, H.264 in several forms. */
const video = (direction: string, mid = "1") => [
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 106 107 112",
  `a=mid:${mid}`,
  `a=${direction}`,
  "a=rtcp-mux",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96",
  "a=rtpmap:102 H264/90000",
  "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f",
  "a=rtpmap:103 rtx/90000",
  "a=fmtp:103 apt=102",
  "a=rtpmap:112 H264/90000",
  "a=fmtp:112 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f",
  "a=rtpmap:106 H264/90000",
  "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
  "a=rtpmap:107 rtx/90000",
  "a=fmtp:107 apt=106",
];
const sdp = (...lines: readonly (readonly string[])[]) => `${[head, ...lines].flat().join("\r\n")}\r\n`;
const directions = (text: string, purpose: Purpose) => readOffer(text, purpose, 8).sections.map(({ direction }) => direction);

describe("an offer", () => {
  it.each<[Purpose, string, readonly string[]]>([
    ["whip", sdp(audio("sendonly")), ["recvonly"]],
    ["whip", sdp(audio("sendrecv"), video("sendonly")), ["recvonly", "inactive"]],
    ["whep", sdp(video("recvonly"), audio("recvonly")), ["sendonly", "sendonly"]],
    ["whep", sdp(audio("recvonly")), ["sendonly"]],
    ["webrtc", sdp(audio("sendrecv"), video("recvonly")), ["sendrecv", "sendonly"]],
    ["whep", sdp(video("recvonly"), video("recvonly", "2")), ["sendonly", "inactive"]],
  ])("for %s is answered section by section (case %#)", (purpose, text, answer) => {
    expect(directions(text, purpose)).toEqual(answer);
  });

  it("keeps Constrained Baseline with packetization-mode 1 and its retransmissions, nothing else", () => {
    const lines = readOffer(sdp(video("recvonly")), "whep", 8).sdp.split("\r\n");
    expect(lines.filter((line) => /^m=|^a=(rtpmap|fmtp)/.test(line))).toEqual([
      "m=video 9 UDP/TLS/RTP/SAVPF 106 107",
      "a=rtpmap:106 H264/90000",
      "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
      "a=rtpmap:107 rtx/90000",
      "a=fmtp:107 apt=106",
    ]);
  });

  it("is checked towards addresses only: no names, no TCP, no made-up ones", () => {
    const candidates = [
      "a=candidate:1 1 udp 1 10.0.0.1 5000 typ host",
      "a=candidate:1 1 udp 1 0b4c7ebe.local 5000 typ host",
      "a=candidate:1 1 tcp 1 10.0.0.1 9 typ host tcptype active",
      "a=candidate:1 1 udp 1 10.0.0.1 99999 typ host",
      "a=candidate:1 2 udp 1 10.0.0.1 5001 typ host",
      "a=end-of-candidates",
    ];
    const read = readOffer(sdp([...audio("sendonly"), ...candidates]), "whip", 8);
    expect(read.sdp.split("\r\n").filter((line) => /candidate/.test(line))).toEqual([candidates[0]]);
    expect(() => readOffer(sdp([...audio("sendonly"), ...candidates]), "whip", 4)).toThrow("4 candidates");
  });

  it("that is damaged is refused as such, or read: never anything else", () => {
    const whole = sdp(audio("sendrecv"), video("recvonly"));
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(40), fc.string({ maxLength: 12 }), (at, cut, put) => {
        try {
          readOffer(whole.slice(0, at) + put + whole.slice(at + cut), "webrtc", 8);
        } catch (thrown) {
          expect(isServiceError(thrown, "INVALID_REQUEST")).toBe(true);
        }
      }),
    );
  });
});
