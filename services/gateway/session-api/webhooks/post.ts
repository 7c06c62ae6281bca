import { lookup } from "node:dns";
import { type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether it may go to a private network or to this machine. */
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/** Sends one POST. It follows no redirect and reads no answer but its status. @throws Error where no answer came, or none may be asked */
export async function post({ url, headers, body, allowPrivate, signal }: Post): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const target = new URL(url);
  const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
  if (!allowPrivate && isIP(host) !== 0 && !isPublic(host)) throw new Error(`${host} is not a public address`);
  const options: RequestOptions = {
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": "troupe-webhooks/1",
    },
    signal,
    agent: false,
    ...(allowPrivate ? {} : { lookup: lookupPublic }),
  };
  const request = (target.protocol === "https:" ? requestHttps : requestHttp)(target, options, (response) => {
    resolve(response.statusCode ?? 0);
    response.destroy();
  });
  request.once("error", reject);
  request.end(body);
  return await promise;
}

/** Of the unicast addresses that the Internet routes (IANA's special-purpose registries). */
export function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}

/** The check belongs to the very address that is connected to: a name may mean another one a moment later. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    const bad = addresses.find(({ address }) => !isPublic(address));
    if (!first || bad) return callback(new Error(`${hostname} is not at a public address`), "", 0);
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};
