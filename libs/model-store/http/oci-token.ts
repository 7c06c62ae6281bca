import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import { isFetchable, isLoopback } from "../source-address.ts";
import { type HttpOptions, httpGet } from "./http-request.ts";

const MAX_ANSWER_BYTES = 1 << 16;

/** Where a registry keeps a blob (OCI distribution specification 1.1, "Pulling blobs"). */
export function blobUrl(repository: string, sha256: string): string {
  const slash = repository.indexOf("/");
  const host = repository.slice(0, slash);
  const apiHost = host === "docker.io" ? "registry-1.docker.io" : host;
  const scheme = isLoopback(new URL(`http://${host}`)) ? "http" : "https";
  return `${scheme}://${apiHost}/v2/${repository.slice(slash + 1)}/blobs/sha256:${sha256}`;
}

/**
 * Answers a registry's challenge: Basic with the credentials of `docker login` or `oras login`, or Bearer with a token from the
 * registry's token service (docs.docker.com/reference/api/registry/auth), anonymous when there are no credentials.
 * @throws ServiceError BACKEND_FAILED
 */
export async function registryAuthorization(repository: string, challenge: string, options: HttpOptions): Promise<string | undefined> {
  const host = repository.slice(0, repository.indexOf("/"));
  const basic = await storedCredentials(host, options);
  const [scheme = ""] = challenge.split(" ", 1);
  if (scheme.toLowerCase() === "basic") return basic;
  if (scheme.toLowerCase() !== "bearer") return undefined;
  const parameters = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  return `Bearer ${await requestToken(tokenUrl(parameters), basic, options)}`;
}

function tokenUrl(parameters: Readonly<Record<string, string | undefined>>): URL {
  const url = URL.parse(parameters.realm ?? "");
  if (!url || !isFetchable(url.href))
    throw new ServiceError("BACKEND_FAILED", `the registry names no usable token service (${parameters.realm})`);
  if (parameters.service) url.searchParams.set("service", parameters.service);
  if (parameters.scope) url.searchParams.set("scope", parameters.scope);
  return url;
}

async function requestToken(url: URL, basic: string | undefined, options: HttpOptions): Promise<string> {
  const response = await httpGet(url.href, basic ? { authorization: basic } : {}, { env: options.env, signal: options.signal });
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > MAX_ANSWER_BYTES) break;
  }
  const answer = z.object({ token: z.string().optional(), access_token: z.string().optional() }).safeParse(parseJson(text));
  const token = answer.data?.token ?? answer.data?.access_token;
  if (response.statusCode === 200 && token) return token;
  throw new ServiceError(
    "BACKEND_FAILED",
    `${url.origin}${url.pathname} answers ${response.statusCode} and no token; log in with oras or docker`,
  );
}

/** `auths` of $DOCKER_CONFIG/config.json; credential helpers are not asked. */
async function storedCredentials(host: string, options: HttpOptions): Promise<string | undefined> {
  const folder = options.env.DOCKER_CONFIG ?? join(options.env.HOME ?? homedir(), ".docker");
  const text = await readFile(join(folder, "config.json"), "utf8").catch(() => "{}");
  const schema = z.object({ auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional() });
  const auths = schema.safeParse(parseJson(text)).data?.auths ?? {};
  const auth =
    auths[host]?.auth ?? auths[`https://${host}`]?.auth ?? (host === "docker.io" ? auths["https://index.docker.io/v1/"]?.auth : undefined);
  return auth ? `Basic ${auth}` : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
