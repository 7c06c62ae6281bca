import { isIP } from "node:net";

/**
 * Whether a remote candidate (RFC 8839 §5.1, with or without "candidate:") is one to check: UDP, with an address and a port of its own.
 * mDNS names are not resolved; such a peer is found by its own checks.
 */
export function isUsableCandidate(candidate: string): boolean {
  const [foundation, component, transport, priority, address, port, typ, type] = candidate.trim().split(/\s+/);
  if (!foundation || !component || !priority || typ !== "typ") return false;
  const number = Number(port);
  return (
    component === "1" &&
    transport?.toLowerCase() === "udp" &&
    /^\d{1,10}$/.test(priority) &&
    isIP(address ?? "") !== 0 &&
    Number.isInteger(number) &&
    number > 0 &&
    number < 65_536 &&
    ["host", "srflx", "prflx", "relay"].includes(type ?? "")
  );
}
