import type { FastifyPluginAsync } from "fastify";
import type { LiveDeps } from "../http/live-deps.ts";
import { principalOf } from "../http/principal-of.ts";
import { RealtimeConnection } from "./connection.ts";
import { type ConnectionRequest, connectionRequest } from "./connection-options.ts";
import { defaultRealtimeLimits, type RealtimeLimits } from "./limits.ts";

/**
 * WS /v1/realtime: the OpenAI Realtime protocol (GA) and our own `troupe.*` events. Needs @fastify/websocket. What is wrong with the
 * address or the credentials is an HTTP status; everything later is an `error` event.
 */
export const realtimeRoutes =
  (live: LiveDeps, limits: RealtimeLimits = defaultRealtimeLimits): FastifyPluginAsync =>
  async (app) => {
    const followers = new Map<string, RealtimeConnection>();
    const requests = new WeakMap<object, ConnectionRequest>();
    app.get(
      "/v1/realtime",
      {
        websocket: true,
        preValidation: async (request) => {
          const principal = await principalOf(live, request);
          requests.set(request, connectionRequest(request.query, principal.clientSecret));
        },
      },
      async (socket, request) => {
        const principal = await principalOf(live, request);
        const asked = requests.get(request);
        if (asked) new RealtimeConnection({ live, limits, followers }, socket, principal, asked);
      },
    );
  };
