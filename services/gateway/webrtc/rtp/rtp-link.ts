import { type RTCRtpSender, type RTCRtpTransceiver, RTP_EXTENSION_URI, type RtcpPacket, type RtpPacket } from "werift";

/** One outgoing track of a peer. */
export interface RtpLink {
  readonly ssrc: number;
  /** Canonical name of the sender, the same for all of its tracks. */
  readonly cname: string;
  /** Id of the header extension abs-send-time, where it was negotiated. */
  readonly absSendTimeId: number | undefined;
  readonly payloadType: number;
  send(packet: RtpPacket): void;
  report(packets: readonly RtcpPacket[]): void;
}

/** A link over a sender of a connection. Sender reports are left to the caller. */
export function linkOf({ sender, headerExtensions }: RTCRtpTransceiver, cname: string): RtpLink {
  // werift's own reports carry decimal digits of the second as the NTP fraction: receivers would place sound and picture up to a second apart.
  sender.rtcpRunning = true;
  return {
    ssrc: sender.ssrc,
    cname,
    get payloadType() {
      return sender.codec?.payloadType ?? 0;
    },
    absSendTimeId: headerExtensions.find(({ uri }) => uri === RTP_EXTENSION_URI.absSendTime)?.id,
    // What cannot be sent is lost, as on any network.
    send: (packet) => void sender.sendRtp(packet).catch(() => undefined),
    report: (packets) => void sendReports(sender, packets).catch(() => undefined),
  };
}

async function sendReports(sender: RTCRtpSender, packets: readonly RtcpPacket[]): Promise<void> {
  if (sender.dtlsTransport?.state === "connected") await sender.dtlsTransport.sendRtcp([...packets]);
}
