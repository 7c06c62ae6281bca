import { ServiceError } from "@troupe/errors";

export interface TrickledCandidate {
  /** As in RTCIceCandidateInit: "candidate:…". */
  readonly candidate: string;
  readonly mid: string;
}

/** Body of a PATCH (RFC 8840 §9: application/trickle-ice-sdpfrag). */
export interface SdpFragment {
  readonly usernameFragment: string | undefined;
  readonly password: string | undefined;
  readonly candidates: readonly TrickledCandidate[];
}

/** @throws ServiceError INVALID_REQUEST */
export function readSdpFragment(text: string): SdpFragment {
  const candidates: TrickledCandidate[] = [];
  let mid = "";
  const values = new Map<string, string>();
  for (const line of text.split(/\r\n|\n/).filter((given) => given !== "")) {
    const [, type, value] = /^([a-z])=(.*)$/.exec(line) ?? [];
    if (type === undefined || value === undefined) throw new ServiceError("INVALID_REQUEST", "the body is no SDP fragment");
    if (type === "m") mid = "";
    if (value.startsWith("mid:")) mid = value.slice(4);
    if (value.startsWith("candidate:")) candidates.push({ candidate: value, mid });
    for (const name of ["ice-ufrag", "ice-pwd"]) if (value.startsWith(`${name}:`)) values.set(name, value.slice(name.length + 1));
  }
  return { usernameFragment: values.get("ice-ufrag"), password: values.get("ice-pwd"), candidates };
}
