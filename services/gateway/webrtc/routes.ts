import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "../access/principal.ts";
import type { LiveDeps } from "../http/live-deps.ts";
import { principalOf } from "../http/principal-of.ts";
import { PeerResource } from "./peer-resource.ts";
import { type SessionQuery, sessionOf, suitOutput } from "./peer-session.ts";
import { ResourceTable } from "./resource-table.ts";
import { HttpRefusal } from "./signalling/http-refusal.ts";
import { iceServerLinks } from "./signalling/ice-server-links.ts";
import { type Purpose, readOffer } from "./signalling/offer.ts";
import { Peer } from "./signalling/peer.ts";
import { readSdpFragment } from "./signalling/sdp-fragment.ts";
import { defaultWebRtcOptions, type WebRtcOptions } from "./webrtc-options.ts";

const sdpType = "application/sdp";
const fragmentType = "application/trickle-ice-sdpfrag";
const purposes: readonly Purpose[] = ["whip", "whep", "webrtc"];
/** What a page of another origin may read. */
const exposedHeaders = "location, etag, link, accept-patch, troupe-session, troupe-resume-token";
const maxFragmentBytes = 16 * 1024;

/**
 * WHIP (RFC 9725), WHEP (draft-ietf-wish-whep) and our one-offer extension: `POST /v1/{whip,whep,webrtc}`, then PATCH and DELETE on
 * the Location. See README.md.
 */
export const webrtcRoutes =
  (deps: LiveDeps, given: Partial<WebRtcOptions> = {}): FastifyPluginAsync =>
  async (app) => {
    const options = { ...defaultWebRtcOptions, ...given };
    const table = new ResourceTable(options);
    const context: Context = { deps, options, table };
    app.addContentTypeParser([sdpType, fragmentType], { parseAs: "string" }, (_request, body, done) => done(null, body));
    app.addHook("onClose", () => table.close());
    app.addHook("onSend", async (request, reply) => {
      if (request.headers.origin !== undefined) reply.header("access-control-expose-headers", exposedHeaders);
    });
    for (const purpose of purposes) addPurpose(app, context, purpose);
  };

interface Context {
  readonly deps: LiveDeps;
  readonly options: WebRtcOptions;
  readonly table: ResourceTable;
}

interface ResourceRequest {
  readonly Params: { readonly id: string };
}

function addPurpose(app: FastifyInstance, context: Context, purpose: Purpose): void {
  const endpoint = `/v1/${purpose}`;
  const resource = `${endpoint}/:id`;
  const { maxSdpBytes } = context.options;
  app.options(endpoint, (request, reply) => describe(context, request, reply));
  app.post<{ Querystring: SessionQuery }>(endpoint, { bodyLimit: maxSdpBytes }, (request, reply) =>
    offer(context, purpose, request, reply),
  );
  app.route({ method: ["GET", "PUT", "PATCH", "DELETE"], url: endpoint, handler: refuseMethod("POST, OPTIONS") });
  app.patch<ResourceRequest>(resource, { bodyLimit: maxFragmentBytes }, (request, reply) => trickle(context, purpose, request, reply));
  app.delete<ResourceRequest>(resource, async (request, reply) => {
    const found = await find(context, purpose, request);
    await found.remove();
    await reply.code(200).send();
  });
  app.route({ method: ["GET", "PUT", "POST"], url: resource, handler: refuseMethod("PATCH, DELETE") });
}

/** RFC 9725 §4.2, §4.3: ICE servers only to those who may use them. */
async function describe({ deps, options }: Context, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.code(204).header("accept-post", sdpType);
  if (request.headers.authorization !== undefined) {
    await principalOf(deps, request);
    addLinks(reply, options);
  }
  await reply.send();
}

async function offer(
  { deps, options, table }: Context,
  purpose: Purpose,
  request: FastifyRequest<{ Querystring: SessionQuery }>,
  reply: FastifyReply,
): Promise<void> {
  const principal = await principalOf(deps, request);
  expectType(request, sdpType);
  const release = table.reserve(principal);
  try {
    const read = readOffer(String(request.body ?? ""), purpose, options.maxCandidates);
    const resource = await bind({ deps, options, table }, { purpose, principal, query: request.query }, () =>
      Peer.answer(read, purpose, options),
    );
    const { peer, session } = resource.facts;
    addLinks(reply, options);
    await reply
      .code(201)
      .headers({
        "content-type": sdpType,
        location: `/v1/${purpose}/${resource.id}`,
        etag: peer.etag,
        "accept-patch": fragmentType,
        "troupe-session": session.id,
        "troupe-resume-token": session.resumeToken,
        "cache-control": "no-store",
      })
      .send(peer.sdp);
  } finally {
    release();
  }
}

interface Binding {
  readonly purpose: Purpose;
  readonly principal: Principal;
  readonly query: SessionQuery;
}

/** The offer is answered before a session is opened for it, so that a bad one costs none. */
async function bind(
  { deps, options, table }: Context,
  { purpose, principal, query }: Binding,
  answer: () => Promise<Peer>,
): Promise<PeerResource> {
  const peer = await answer();
  try {
    const { session, resumed } = await sessionOf(deps.gateway, principal, peer, query);
    table.checkRoom(session);
    suitOutput(session, purpose, peer);
    const playsAlone = () => table.hasAlone(session);
    // By then the resource itself has left the table.
    const hasOthers = () => table.has(session);
    const resource = new PeerResource(deps, options, { purpose, principal, session, peer, resumed, playsAlone, hasOthers }, (closed) =>
      table.remove(closed),
    );
    table.add(resource);
    return resource;
  } catch (thrown) {
    await peer.close();
    throw thrown;
  }
}

/** RFC 9725 §4.3.1. */
async function trickle(context: Context, purpose: Purpose, request: FastifyRequest<ResourceRequest>, reply: FastifyReply): Promise<void> {
  const resource = await find(context, purpose, request);
  expectType(request, fragmentType);
  const { peer } = resource.facts;
  const match = request.headers["if-match"];
  if (match === undefined) throw new HttpRefusal(428, "If-Match must name the ETag of the ICE session");
  const fragment = readSdpFragment(String(request.body ?? ""));
  if (match === "*") throw new HttpRefusal(422, "ICE is not restarted: DELETE this resource, and POST a new offer with ?session=");
  if (match !== peer.etag) throw new HttpRefusal(412, "the ICE session is another one");
  await peer.trickle(fragment);
  await reply.code(204).send();
}

async function find({ deps, table }: Context, purpose: Purpose, request: FastifyRequest<ResourceRequest>): Promise<PeerResource> {
  const principal = await principalOf(deps, request);
  return table.find(request.params.id, purpose, principal);
}

function expectType(request: FastifyRequest, type: string): void {
  if (request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() !== type) throw new HttpRefusal(415, `the body must be ${type}`);
}

function addLinks(reply: FastifyReply, { iceServers }: WebRtcOptions): void {
  const links = iceServerLinks(iceServers);
  if (links.length > 0) reply.header("link", links);
}

const refuseMethod = (allowed: string) => async (_request: FastifyRequest, reply: FastifyReply) => {
  reply.header("allow", allowed);
  throw new HttpRefusal(405, `this address takes ${allowed}`);
};
