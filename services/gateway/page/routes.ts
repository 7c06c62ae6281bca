import { createHash } from "node:crypto";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { LiveDeps } from "../http/live-deps.ts";
import { loadPage } from "./built-page.ts";
import type { PageFile } from "./bundle.ts";
import { pageHeaders } from "./security.ts";

/** The page at `/`, the embeddable client at `/client.js`, and what both load. Loaded once, when the plugin is registered. */
export const pageRoutes =
  ({ logger }: Pick<LiveDeps, "logger">): FastifyPluginAsync =>
  async (app) => {
    const startMs = performance.now();
    const { html, client, files } = await loadPage();
    logger.info({ files: files.size + 2, ms: Math.round(performance.now() - startMs) }, "page is loaded");
    const index: PageFile = { type: "text/html; charset=utf-8", body: Buffer.from(html) };
    app.get("/", async (request, reply) => await revalidated(request, reply, index));
    app.get("/client.js", async (request, reply) => {
      reply.header("access-control-allow-origin", "*");
      return await revalidated(request, reply, client);
    });
    app.get("/favicon.ico", async (_request, reply) => await reply.code(204).send());
    for (const [path, file] of files) {
      app.get(path, async (request, reply) => {
        reply.header("access-control-allow-origin", "*").header("cross-origin-resource-policy", "cross-origin");
        reply.headers(pageHeaders(request.headers.host)).header("cache-control", "public, max-age=31536000, immutable");
        return await reply.type(file.type).send(file.body);
      });
    }
  };

async function revalidated(request: FastifyRequest, reply: FastifyReply, file: PageFile): Promise<FastifyReply> {
  const etag = `"${createHash("sha256").update(file.body).digest("hex").slice(0, 24)}"`;
  reply.headers(pageHeaders(request.headers.host)).header("cache-control", "no-cache").header("etag", etag);
  if (request.headers["if-none-match"] === etag) return await reply.code(304).send();
  return await reply.type(file.type).send(file.body);
}
