import type { AgentOptions, RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { ServiceError } from "@troupe/errors";
import { Agent, type buildConnector, type Dispatcher, ProxyAgent } from "undici";

/** Where the API server is, and how to be let in. */
export interface Connection extends AsyncDisposable {
  /** Scheme, host, port and perhaps a path. */
  readonly server: string;
  /** Headers that prove who we are. Token files and credential plugins are read again after a while. */
  authorize(): Promise<Readonly<Record<string, string>>>;
  /** Connections of watches are apart, so that they never take those of calls. */
  dispatcher(use: "call" | "watch"): Dispatcher;
  /** A call got no answer in time: further calls go over new connections. */
  renewCalls(): void;
}

const refreshMs = 30_000;
const callConnections = 16;
/** TCP probes, so that a peer that vanished is noticed even where nothing is sent. */
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 15_000, timeout: 5_000 } as const;

interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: RequestOptions;
  readonly readMs: number;
}

/**
 * The library loads the configuration and authenticates. It would open a new TLS connection for each request, so connections are ours.
 * @param kubeconfig path; default: KUBECONFIG, ~/.kube/config, the pod's service account
 * @throws ServiceError INVALID_CONFIG
 */
export async function connectCluster(kubeconfig?: string): Promise<Connection> {
  const config = await loadConfig(kubeconfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new ServiceError("INVALID_CONFIG", "the kubeconfig names no current cluster");
  let credentials = await readCredentials(config);
  let dispatchers = open(config, credentials);
  return {
    server: cluster.server.replace(/\/$/, ""),
    async authorize() {
      if (performance.now() - credentials.readMs < refreshMs) return credentials.headers;
      const before = credentials;
      credentials = await readCredentials(config);
      if (!sameTls(before.tls, credentials.tls)) {
        retire(Object.values(dispatchers));
        dispatchers = open(config, credentials);
      }
      return credentials.headers;
    },
    dispatcher: (use) => dispatchers[use],
    renewCalls() {
      retire([dispatchers.call]);
      dispatchers = { ...dispatchers, call: open(config, credentials).call };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(dispatchers).map((one) => one.destroy()));
    },
  };
}

async function loadConfig(path?: string): Promise<KubeConfig> {
  // Imported on first use: it takes a second, and most commands need no cluster.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (path) config.loadFromFile(path);
    else config.loadFromDefault();
  } catch (cause) {
    throw new ServiceError("INVALID_CONFIG", `no kubeconfig can be read (${path ?? "default places"})`, { cause });
  }
  return config;
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const tls: RequestOptions = {};
  await config.applyToHTTPSOptions(tls);
  const headers = Object.fromEntries(Object.entries(tls.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]));
  if (tls.auth) headers["authorization"] = `Basic ${Buffer.from(tls.auth).toString("base64")}`;
  return { headers, tls, readMs: performance.now() };
}

function open(config: KubeConfig, { tls }: Credentials): Record<"call" | "watch", Dispatcher> {
  const options = config.createDispatcherOptions(config.getCurrentCluster(), tls as AgentOptions);
  if (options.type === "socks")
    throw new ServiceError("INVALID_CONFIG", "SOCKS proxies are not supported; name an HTTP proxy in the kubeconfig");
  const connect = { ...(options.type === "none" ? {} : options.connect), ...keepAlive } as buildConnector.BuildOptions;
  const dispatcher = (limit: { connections?: number }): Dispatcher => {
    if (options.type !== "proxy") return new Agent({ connect, ...limit });
    return new ProxyAgent({ uri: options.uri, requestTls: options.requestTls as buildConnector.BuildOptions, connect, ...limit });
  };
  return { call: dispatcher({ connections: callConnections }), watch: dispatcher({}) };
}

const tlsFields = ["ca", "cert", "key", "pfx", "passphrase", "servername", "rejectUnauthorized"] as const;
const sameTls = (one: RequestOptions, other: RequestOptions) => tlsFields.every((field) => String(one[field]) === String(other[field]));

/** What runs over them ends by itself; then they close. */
function retire(dispatchers: readonly Dispatcher[]): void {
  for (const one of dispatchers) one.close(() => undefined);
}
