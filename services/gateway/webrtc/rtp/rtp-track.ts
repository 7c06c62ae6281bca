import { randomBytes } from "node:crypto";
import {
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  RtpHeader,
  RtpPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from "werift";
import { rtpTimestamp, toNtp } from "./media-timeline.ts";
import type { RtpLink } from "./rtp-link.ts";

/** Numbers, stamps and counts the packets of one track. */
export class RtpTrack {
  readonly clockRateHz: number;
  readonly #link: RtpLink;
  readonly #base = randomBytes(4).readUInt32BE();
  #sequence = randomBytes(2).readUInt16BE();
  #packets = 0;
  #octets = 0;

  constructor(link: RtpLink, clockRateHz: number) {
    this.#link = link;
    this.clockRateHz = clockRateHz;
  }

  get ssrc(): number {
    return this.#link.ssrc;
  }

  timestamp(ptsUs: number): number {
    return rtpTimestamp(this.#base, ptsUs, this.clockRateHz);
  }

  packet(payload: Uint8Array, ptsUs: number, marker: boolean): RtpPacket {
    const { ssrc, payloadType } = this.#link;
    const sequenceNumber = this.#sequence;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return new RtpPacket(new RtpHeader({ payloadType, ssrc, sequenceNumber, marker, timestamp: this.timestamp(ptsUs) }), asBuffer(payload));
  }

  send(packet: RtpPacket, nowMs: number): void {
    const id = this.#link.absSendTimeId;
    // Sent along, it stands in place of werift's own, whose fraction is wrong.
    if (id !== undefined) packet.header.extensions = [{ id, payload: absSendTime(nowMs) }];
    this.#packets++;
    this.#octets += packet.payload.length;
    this.#link.send(packet);
  }

  /** Sender report and canonical name (RFC 3550 §6.4.1, §6.5.1): which position of the track sounds or shows at `ntp`. */
  report(ntp: bigint, ptsUs: number): void {
    if (this.#packets === 0) return;
    const senderInfo = new RtcpSenderInfo({
      ntpTimestamp: ntp,
      rtpTimestamp: this.timestamp(ptsUs),
      packetCount: this.#packets % 4_294_967_296,
      octetCount: this.#octets % 4_294_967_296,
    });
    const name = new SourceDescriptionItem({ type: 1, text: this.#link.cname });
    this.#link.report([
      new RtcpSrPacket({ ssrc: this.ssrc, senderInfo }),
      new RtcpSourceDescriptionPacket({ chunks: [new SourceDescriptionChunk({ source: this.ssrc, items: [name] })] }),
    ]);
  }
}

/** 24 bits, 6.18 fixed point seconds. */
function absSendTime(nowMs: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(Number((toNtp(nowMs) >> 14n) & 0xff_ffffn), 0, 3);
  return bytes;
}

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
