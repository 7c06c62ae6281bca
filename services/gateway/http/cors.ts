import { ServiceError } from "@troupe/errors";
import type { FastifyInstance } from "fastify";
import type { Access } from "../access/access.ts";

const methods = "GET, POST, PATCH, DELETE, OPTIONS";
const requestHeaders = "authorization, content-type, if-match, if-none-match";
/** What scripts may read: WHIP and WHEP (RFC 9725) answer in headers. */
const exposed = "location, link, etag, retry-after, accept-patch, www-authenticate";
const keepSeconds = 600;

/** Lets pages of the origins that are allowed call from a browser (Fetch standard, CORS); it answers their preflights. */
export function addCors(app: FastifyInstance, access: Access): void {
  app.addHook("onRequest", async (request, reply) => {
    const { origin, host } = request.headers;
    const asked = request.headers["access-control-request-method"];
    const preflight = request.method === "OPTIONS" && asked !== undefined;
    reply.header("vary", "Origin");
    if (origin === undefined || !access.allowsOrigin(origin, host)) {
      if (preflight)
        throw new ServiceError("ORIGIN_REFUSED", `pages of ${(origin ?? "no origin").slice(0, 200)} may not call this gateway`);
      return;
    }
    reply.headers({ "access-control-allow-origin": origin, "access-control-expose-headers": exposed });
    if (!preflight) return;
    reply.headers({
      "access-control-allow-methods": methods,
      "access-control-allow-headers": requestHeaders,
      "access-control-max-age": String(keepSeconds),
    });
    return reply.code(204).send();
  });
}
