import { z } from "zod";
import type { Operation } from "./operation.ts";
import { errorObject } from "./schemas.ts";

/** The OpenAPI 3.1 document of the operations, made from the schemas that check their calls. */
export function openApiDocument(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const methods = paths[operation.path] ?? {};
    methods[operation.method.toLowerCase()] = describe(operation);
    paths[operation.path] = methods;
  }
  return {
    openapi: "3.1.0",
    info: { title: "Troupe live", version: "1.0.0", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: {
      schemas: { Error: jsonSchema(errorObject, "output") },
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key, `trk_…`." },
        clientSecret: {
          type: "http",
          scheme: "bearer",
          description: "A client secret, `ek_…`, as POST /v1/realtime/client_secrets gives it.",
        },
      },
    },
  };
}

const securityOf = { nobody: [], client: [{ apiKey: [] }, { clientSecret: [] }], key: [{ apiKey: [] }] } as const;

function describe({ id, summary, caller, path, status, body, query, response }: Operation): object {
  const parameters = [...pathParameters(path), ...(query ? queryParameters(query) : [])];
  return {
    operationId: id,
    summary,
    security: securityOf[caller],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { content: json(jsonSchema(body, "input")) } }),
    responses: {
      [status]: { description: summary, content: json(jsonSchema(response, "output")) },
      default: { description: "What went wrong.", content: json({ $ref: "#/components/schemas/Error" }) },
    },
  };
}

const json = (schema: object) => ({ "application/json": { schema } });

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: "path", required: true, schema: { type: "string" } }));

function queryParameters(query: z.ZodObject): object[] {
  const { properties = {}, required = [] } = jsonSchema(query, "input") as { properties?: Record<string, object>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: required.includes(name), schema }));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
