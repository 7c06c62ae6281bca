import { logThrown } from "@troupe/service";
import type { Logger } from "@troupe/stage";
import type { WebSocket } from "ws";

/** What a peer does wrong with its frames, as `ws` names it, or a connection that broke: no defect of ours. */
const peerFault = /^(WS_ERR_\w+|ECONNRESET|EPIPE|ETIMEDOUT)$/;
const internalCode = 1011;

/**
 * A socket failed. `ws` has closed one whose peer broke the protocol with the code that fits (RFC 6455 §7.4.1: 1009 too large, 1007 no
 * UTF-8, 1002 else); a defect of ours is an error in the log, and closes it here.
 */
export function socketFailed(thrown: unknown, socket: Pick<WebSocket, "close">, logger: Logger): void {
  const fault = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (peerFault.test(fault)) return logger.info({ fault }, "a client broke its socket");
  logThrown(logger, thrown, "a socket failed");
  socket.close(internalCode);
}
