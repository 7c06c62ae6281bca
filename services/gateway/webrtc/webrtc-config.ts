import { isIPv4 } from "node:net";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import type { IceServer, WebRtcOptions } from "./webrtc-options.ts";

/** Settings of WebRTC. */
export const webRtcConfig = {
  iceServers: z
    .string()
    .default("")
    .describe("STUN and TURN servers as JSON, as in RTCConfiguration: [{urls, username, credential}]; empty: none"),
  rtcPorts: z.string().default("").describe('UDP ports of WebRTC media, e.g. "40000-40999"; empty: any free ones'),
  rtcPublicAddress: z
    .string()
    .default("")
    .describe("IPv4 address under which clients reach this machine, where it has another one (1:1 NAT)"),
  rtcBindAddress: z.string().default("").describe("the only IPv4 address of this machine that WebRTC media uses; empty: all but loopback"),
};
export type WebRtcConfig = z.infer<z.ZodObject<typeof webRtcConfig>>;

const iceServers = z.array(
  z.strictObject({
    urls: z.union([z.string(), z.array(z.string())]).transform((urls) => [urls].flat()),
    username: z.string().optional(),
    credential: z.string().optional(),
  }),
);

/** @throws ServiceError INVALID_CONFIG */
export function webRtcOptionsOf(config: WebRtcConfig): Partial<WebRtcOptions> {
  const portRange = portsOf(config.rtcPorts);
  const publicAddress = addressOf("TROUPE_RTC_PUBLIC_ADDRESS", config.rtcPublicAddress);
  const bindAddress = addressOf("TROUPE_RTC_BIND_ADDRESS", config.rtcBindAddress);
  return {
    iceServers: serversOf(config.iceServers),
    ...(portRange === undefined ? {} : { portRange }),
    ...(publicAddress === undefined ? {} : { publicAddress }),
    ...(bindAddress === undefined ? {} : { bindAddress }),
  };
}

function serversOf(text: string): readonly IceServer[] {
  if (text === "") return [];
  try {
    return iceServers.parse(JSON.parse(text)).map(({ urls, username, credential }) => ({
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    }));
  } catch (cause) {
    throw new ServiceError("INVALID_CONFIG", "TROUPE_ICE_SERVERS must be a JSON array of {urls, username, credential}", { cause });
  }
}

function portsOf(text: string): readonly [number, number] | undefined {
  if (text === "") return undefined;
  const [low, high] = (/^(\d+)-(\d+)$/.exec(text)?.slice(1) ?? []).map(Number);
  if (low === undefined || high === undefined || low < 1 || high > 65_535 || low > high)
    throw new ServiceError("INVALID_CONFIG", 'TROUPE_RTC_PORTS must be a range such as "40000-40999"');
  return [low, high];
}

function addressOf(name: string, text: string): string | undefined {
  if (text === "") return undefined;
  if (!isIPv4(text)) throw new ServiceError("INVALID_CONFIG", `${name} must be an IPv4 address`);
  return text;
}
