import type { AddressInfo } from "node:net";
import type { SecureContextOptions, Server as TlsServer } from "node:tls";
import websocket from "@fastify/websocket";
import { ServiceError } from "@troupe/errors";
import fastify, { type FastifyInstance } from "fastify";
import { addressList } from "./address-list.ts";
import { type ConnectionLimits, defaultConnectionLimits, limitConnections } from "./connection-limits.ts";
import { addCors } from "./cors.ts";
import type { LiveDeps } from "./live-deps.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { addErrors, answerParserError } from "./server-errors.ts";
import { socketFailed } from "./socket-errors.ts";
import { chooseSubprotocol } from "./subprotocol.ts";
import { followTlsFiles, readTlsFiles, type TlsFiles } from "./tls-files.ts";

export interface LiveServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls?: TlsFiles;
  /** Addresses or networks (CIDR) whose X-Forwarded-* headers are believed. */
  readonly trustedProxies?: readonly string[];
  readonly connections?: ConnectionLimits;
  /** Time that a client has for its headers; for the whole request twice as much. Default 8 s. */
  readonly headersTimeoutMs?: number;
}

export interface LiveServer extends AsyncDisposable {
  /** Where people open the page, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection at once; sessions wait for their clients as after any lost connection. */
  close(): Promise<void>;
}

/** Registers one area's routes. */
export type AddRoutes = (app: FastifyInstance) => Promise<void>;

/** Of one request; sound and sessions come over sockets. */
const maxBodyBytes = 256 * 1024;
/** Of one WebSocket frame: 16 s of 24 kHz PCM16 as base64. */
const maxFrameBytes = 1024 * 1024;

/** Serves browsers and back ends over HTTP, WebSocket and WebRTC signalling. */
export async function createLiveServer(deps: LiveDeps, options: LiveServerOptions, addRoutes: AddRoutes): Promise<LiveServer> {
  const tls = options.tls && (await readTlsFiles(options.tls));
  const app = createApp(options, tls);
  limitConnections(app.server, options.connections ?? defaultConnectionLimits, addressList(options.trustedProxies ?? []));
  addErrors(app, deps.logger);
  addCors(app, deps.access);
  addSecurityHeaders(app, tls !== undefined);
  await app.register(websocket, {
    options: { maxPayload: maxFrameBytes, perMessageDeflate: false, handleProtocols: chooseSubprotocol },
    errorHandler: (error, socket) => socketFailed(error, socket, deps.logger),
  });
  app.get("/healthz", async () => ({ status: "ok", sessions: deps.gateway.sessions }));
  await addRoutes(app);
  await listen(app, options);
  const stopFollowing = options.tls ? followTlsFiles(app.server as unknown as TlsServer, options.tls, deps) : () => undefined;
  const { port } = app.server.address() as AddressInfo;
  const close = async () => {
    stopFollowing();
    await app.close();
  };
  return { url: `${tls ? "https" : "http"}://${hostInUrl(options.host)}:${port}`, port, close, [Symbol.asyncDispose]: close };
}

function createApp(options: LiveServerOptions, tls: SecureContextOptions | undefined): FastifyInstance {
  const headersTimeout = options.headersTimeoutMs ?? 8000;
  const http = {
    headersTimeout,
    connectionsCheckingInterval: Math.min(1000, headersTimeout),
    maxHeaderSize: 16 * 1024,
  };
  const shared = {
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true as const,
    requestTimeout: 2 * headersTimeout,
    keepAliveTimeout: 30_000,
    onProtoPoisoning: "error" as const,
    onConstructorPoisoning: "error" as const,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerParserError,
    ...(options.trustedProxies?.length ? { trustProxy: [...options.trustedProxies] } : {}),
  };
  return (tls ? fastify({ ...shared, https: { ...tls, ...http } }) : fastify({ ...shared, http })) as unknown as FastifyInstance;
}

async function listen(app: FastifyInstance, { host, port }: LiveServerOptions): Promise<void> {
  await app.listen({ host, port }).catch(async (cause: unknown) => {
    await app.close();
    throw new ServiceError("INVALID_CONFIG", `${host}:${port} cannot be listened on (TROUPE_HTTP_HOST, TROUPE_HTTP_PORT)`, { cause });
  });
}

/** Address of this machine for people: a wildcard is no place to go to. */
function hostInUrl(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
