import type { FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";

const known = new WeakMap<FastifyRequest, Promise<Principal>>();

/**
 * Who sends a request; checked once for each. Sockets call it in `preValidation`, so that a refusal is an HTTP status and nothing is
 * upgraded.
 * @throws ServiceError as Access.authenticate
 */
export function principalOf({ access }: { readonly access: Access }, request: FastifyRequest): Promise<Principal> {
  const found = known.get(request) ?? access.authenticate({ headers: request.headers, remoteAddress: request.ip });
  known.set(request, found);
  return found;
}
