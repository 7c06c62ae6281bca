import { ServiceError } from "@troupe/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Access } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import { principalOf } from "../http/principal-of.ts";

/** What a call brings, checked. */
export interface Call<Body = unknown, Query = unknown> {
  readonly principal: Principal;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly query: Query;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One call of the HTTP interface: it is served from this, and described from this in the OpenAPI document. */
export interface Operation {
  readonly method: "GET" | "POST" | "DELETE";
  /** As OpenAPI writes it, e.g. `/v1/sessions/{id}`. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  /** nobody: everyone may call; client: a client secret suffices; key: it takes the API key itself. */
  readonly caller: "nobody" | "client" | "key";
  readonly status: number;
  readonly body: z.ZodType | undefined;
  readonly query: z.ZodObject | undefined;
  readonly response: z.ZodType;
  readonly handle: (call: Call) => Promise<unknown>;
}

export interface OperationSpec<Body extends z.ZodType, Query extends z.ZodObject>
  extends Pick<Operation, "method" | "path" | "id" | "summary" | "caller" | "response"> {
  readonly status?: number;
  readonly body?: Body;
  readonly query?: Query;
  readonly handle: (call: Call<z.output<Body>, z.output<Query>>) => Promise<unknown>;
}

export function operation<Body extends z.ZodType, Query extends z.ZodObject>(spec: OperationSpec<Body, Query>): Operation {
  const { handle, ...rest } = spec;
  return { status: 200, body: undefined, query: undefined, ...rest, handle: handle as Operation["handle"] };
}

/** Serves an operation. */
export function addOperation(app: FastifyInstance, access: Access, operation: Operation): void {
  const { method, path, status, body, query } = operation;
  app.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ":$1"),
    handler: async (request, reply) => {
      const principal = operation.caller === "nobody" ? nobody : await admitted(access, request, operation.caller);
      const result = await operation.handle({
        principal,
        params: request.params as Readonly<Record<string, string>>,
        body: body && checked(body, request.body ?? {}),
        query: query && checked(query, request.query),
        request,
        reply,
      });
      return reply.sent ? reply : reply.code(reply.statusCode === 200 ? status : reply.statusCode).send(result);
    },
  });
}

const nobody: Principal = {
  tenant: "",
  key: "",
  limits: { maxSessions: 0, maxSessionSeconds: 0, minutesPerDay: 0, maxTextLength: 0 },
  motionOnly: false,
};

async function admitted(access: Access, request: FastifyRequest, caller: "client" | "key"): Promise<Principal> {
  const principal = await principalOf({ access }, request);
  if (caller === "key" && principal.clientSecret)
    throw new ServiceError("NOT_PERMITTED", "this takes an API key; a client secret only lets its holder talk", {
      metadata: { permission: "session_api" },
    });
  return principal;
}

/** @throws ServiceError INVALID_REQUEST naming the field */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const param = issue?.path.join(".") ?? "";
  throw new ServiceError("INVALID_REQUEST", `${param ? `${param}: ` : ""}${issue?.message ?? "the request is malformed"}`, {
    metadata: param ? { param } : {},
  });
}
