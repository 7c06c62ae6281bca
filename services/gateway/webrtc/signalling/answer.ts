/**
 * The answer as the client is given it. Candidates of other addresses than `bindAddress` are left out; `publicAddress` stands in
 * place of local addresses (1:1 NAT, as RFC 8828 calls a server's known mapping).
 */
export function addressedAnswer(
  sdp: string,
  { bindAddress, publicAddress }: { readonly bindAddress?: string; readonly publicAddress?: string },
): string {
  return sdp
    .split("\r\n")
    .flatMap((line) => {
      if (!line.startsWith("a=candidate:")) return [line];
      const parts = line.split(" ");
      const isHost = parts[7] === "host";
      if (isHost && bindAddress !== undefined && parts[4] !== bindAddress) return [];
      if (isHost && publicAddress !== undefined) parts[4] = publicAddress;
      return [parts.join(" ")];
    })
    .join("\r\n");
}

/** Value of an attribute, from the first section that has it. */
export function attributeOf(sdp: string, name: string): string | undefined {
  return new RegExp(`^a=${name}:(.*?)\\r?$`, "m").exec(sdp)?.[1];
}
