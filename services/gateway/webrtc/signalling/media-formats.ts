import { RTCRtpCodecParameters, useAbsSendTime, useSdesMid } from "werift";
import type { Purpose } from "./offer.ts";

const pictureFeedback = [{ type: "nack" }, { type: "nack", parameter: "pli" }, { type: "ccm", parameter: "fir" }, { type: "goog-remb" }];

/** Encodings in which the gateway hears, speaks and shows; as werift's configuration has them. */
export function mediaFormats(purpose: Purpose) {
  const opus = new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48_000, channels: 2, payloadType: 111 });
  const pcmu = new RTCRtpCodecParameters({ mimeType: "audio/PCMU", clockRate: 8000, channels: 1, payloadType: 0 });
  const pcma = new RTCRtpCodecParameters({ mimeType: "audio/PCMA", clockRate: 8000, channels: 1, payloadType: 8 });
  const h264 = new RTCRtpCodecParameters({
    mimeType: "video/H264",
    clockRate: 90_000,
    payloadType: 102,
    rtcpFeedback: pictureFeedback,
    parameters: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
  });
  return {
    codecs: { audio: purpose === "whip" ? [opus, pcmu, pcma] : [opus], video: [h264] },
    headerExtensions: { audio: [useSdesMid(), useAbsSendTime()], video: [useSdesMid(), useAbsSendTime()] },
  };
}
