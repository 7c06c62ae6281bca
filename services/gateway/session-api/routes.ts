import type { FastifyPluginAsync } from "fastify";
import { avatarOperations } from "./avatar-operations.ts";
import { clientSecretOperation } from "./client-secret-operation.ts";
import { openApiDocument } from "./openapi.ts";
import { addOperation } from "./operation.ts";
import type { SessionApiDeps } from "./session-api-deps.ts";
import { sessionOperations } from "./session-operations.ts";

/** Sessions, client secrets, avatars, and the document that describes them. */
export const sessionRoutes =
  (deps: SessionApiDeps): FastifyPluginAsync =>
  async (app) => {
    const operations = [...sessionOperations(deps), clientSecretOperation(deps), ...avatarOperations(deps)];
    for (const operation of operations) addOperation(app, deps.access, operation);
    const document = openApiDocument(operations);
    app.get("/v1/openapi.json", async () => document);
  };
