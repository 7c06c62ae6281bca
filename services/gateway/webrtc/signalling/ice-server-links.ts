import type { IceServer } from "../webrtc-options.ts";

/** Link header values that name ICE servers to a client (RFC 9725 §4.6). */
export function iceServerLinks(servers: readonly IceServer[]): readonly string[] {
  return servers.flatMap(({ urls, username, credential }) =>
    urls.map((url) => {
      const secrets =
        username === undefined || credential === undefined
          ? ""
          : `; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`;
      return `<${url}>; rel="ice-server"${secrets}`;
    }),
  );
}

const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
