import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { createClientSecrets } from "../access/client-secrets.ts";
import { createAccess } from "../access/create-access.ts";
import { FailedAttempts } from "../access/failed-attempts.ts";
import { type KeyRing, openKeyRing } from "../access/key-ring.ts";
import { isLoopback } from "../access/loopback.ts";
import { meteredGateway } from "../access/metered-gateway.ts";
import { SessionQuotas } from "../access/session-quotas.ts";
import type { Gateway } from "../gateway.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { SessionApiDeps } from "../session-api/session-api-deps.ts";
import { followSession, tellAbandoned } from "../session-api/webhooks/session-webhooks.ts";
import { openWebhooks, type Webhooks } from "../session-api/webhooks/webhooks.ts";
import { type WebRtcConfig, webRtcOptionsOf } from "../webrtc/webrtc-config.ts";
import { checkLiveConfig, type LiveConfig, listOf } from "./live-config.ts";
import { createLiveServer, type LiveServer, type LiveServerOptions } from "./live-server.ts";
import { addAllRoutes } from "./routes.ts";

export interface StartLiveDeps {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  /** Wall clock, in milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

export interface StartLiveConfig extends LiveConfig, WebRtcConfig {
  readonly site: string;
  readonly grantKey: string;
  readonly avatarDir: string;
  readonly defaultAvatar: string;
}

/**
 * The HTTP server with everything it needs, as its settings say.
 * @throws ServiceError INVALID_CONFIG, before anything listens
 */
export async function startLive(deps: StartLiveDeps, config: StartLiveConfig): Promise<LiveServer> {
  checkLiveConfig(config);
  const { clock, logger, metrics, utcNowMs } = deps;
  const stack = new AsyncDisposableStack();
  try {
    const keys = config.keysFile === "" ? undefined : stack.adopt(await openKeyRing(config.keysFile, { clock, logger }), closeKeyRing);
    const secrets = createClientSecrets(config.grantKey, config.site, utcNowMs);
    const access = createAccess({ keys, secrets, failures: new FailedAttempts(clock) }, listOf(config.allowedOrigins));
    const webhooks =
      config.webhooksFile === ""
        ? undefined
        : stack.adopt(await openWebhooks(config.webhooksFile, { clock, utcNowMs, logger }), closeWebhooks);
    const onSession = (session: LiveSession, adopted: boolean) => webhooks && followSession(webhooks, session, adopted);
    if (webhooks) await deps.gateway.followAbandoned((record, reason) => tellAbandoned(webhooks, record, { reason, utcNowMs: utcNowMs() }));
    const gateway = meteredGateway({ gateway: deps.gateway, quotas: new SessionQuotas({ clock, utcNowMs }), onSession, metrics });
    const { avatarDir, defaultAvatar } = config;
    const webRtc = webRtcOptionsOf(config);
    const live: SessionApiDeps = { gateway, access, clock, logger, metrics, secrets, avatarDir, defaultAvatar };
    const server = stack.use(await createLiveServer(live, optionsOf(config), (app) => addAllRoutes(app, live, webRtc)));
    if (!config.tlsCert && !isLoopback(config.httpHost))
      logger.warn({ host: config.httpHost }, "no TLS: keys and sound travel in the clear, unless a proxy before the gateway adds it");
    const running = stack.move();
    const close = () => running.disposeAsync();
    return { url: server.url, port: server.port, close, [Symbol.asyncDispose]: close };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

const closeWebhooks = (webhooks: Webhooks) => webhooks.close();
const closeKeyRing = (keys: KeyRing) => keys.close();

function optionsOf({ httpHost, httpPort, tlsCert, tlsKey, trustedProxies }: LiveConfig): LiveServerOptions {
  const tls = tlsCert === "" ? {} : { tls: { certFile: tlsCert, keyFile: tlsKey } };
  return { host: httpHost, port: httpPort, trustedProxies: listOf(trustedProxies), ...tls };
}
