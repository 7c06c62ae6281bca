import type { FastifyInstance } from "fastify";
import { pageRoutes } from "../page/routes.ts";
import { realtimeRoutes } from "../realtime/routes.ts";
import { sessionRoutes } from "../session-api/routes.ts";
import type { SessionApiDeps } from "../session-api/session-api-deps.ts";
import { webrtcRoutes } from "../webrtc/routes.ts";
import type { WebRtcOptions } from "../webrtc/webrtc-options.ts";

/** Each area of the gateway's HTTP face is one plugin: one line each. */
export async function addAllRoutes(app: FastifyInstance, deps: SessionApiDeps, webRtc: Partial<WebRtcOptions>): Promise<void> {
  await app.register(sessionRoutes(deps));
  await app.register(realtimeRoutes(deps));
  await app.register(webrtcRoutes(deps, webRtc));
  await app.register(pageRoutes(deps));
}
