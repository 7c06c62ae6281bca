import type { FastifyInstance } from "fastify";

/** For whatever is no page: nothing of it may run, be framed or be guessed at. The page brings its own. */
const strict: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "permissions-policy": "microphone=(self), camera=(), geolocation=()",
  "cache-control": "no-store",
};
const yearSeconds = 31_536_000;

/** Adds what a response lacks. @param tls whether browsers may be told never to come without it */
export function addSecurityHeaders(app: FastifyInstance, tls: boolean): void {
  app.addHook("onSend", async (_request, reply) => {
    for (const [name, value] of Object.entries(strict)) if (!reply.hasHeader(name)) reply.header(name, value);
    if (tls) reply.header("strict-transport-security", `max-age=${yearSeconds}`);
  });
}
