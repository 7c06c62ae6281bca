import { ServiceError } from "@troupe/errors";
import { H264Packetizer, parseAvcDecoderConfigurationRecord } from "werift";

/** Payload of one packet; with the SRTP tag, the extensions, UDP, IP and TURN's header it fits 1,280 bytes, the least MTU of IPv6. */
export const maxPayloadBytes = 1150;

export interface H264Payload {
  readonly payload: Uint8Array;
  /** The last of its access unit. */
  readonly marker: boolean;
}

export interface H264Payloads {
  /** An access unit in AVC format (length-prefixed NAL units) as RTP payloads of RFC 6184, packetization-mode 1. */
  of(unit: Uint8Array, keyframe: boolean): readonly H264Payload[];
}

/**
 * @param description avcC record of the stream (ISO/IEC 14496-15); its parameter sets go before each keyframe that has none
 * @throws ServiceError INVALID_REQUEST where the record is malformed
 */
export function createH264Payloads(description: Uint8Array): H264Payloads {
  const { naluLengthSize, parameterSets } = readDescription(description);
  const packetizer = new H264Packetizer({ maxPayloadSize: maxPayloadBytes, inputFormat: "length-prefixed", naluLengthSize, parameterSets });
  return {
    of: (unit, isKeyframe) =>
      packetizer
        .packetize(Buffer.from(unit.buffer, unit.byteOffset, unit.byteLength), 0, { isKeyframe })
        .map(({ payload, header }) => ({ payload, marker: header.marker })),
  };
}

function readDescription(description: Uint8Array) {
  try {
    return parseAvcDecoderConfigurationRecord(description);
  } catch (cause) {
    throw new ServiceError("INVALID_REQUEST", "the picture's avcC record is malformed", { cause });
  }
}
