import { secretLifetime } from "../access/client-secrets.ts";
import { refuseUnsupported, sessionSettings } from "../realtime/protocol/session-update.ts";
import { checked, type Operation, operation } from "./operation.ts";
import { createClientSecret, createdClientSecret } from "./schemas.ts";
import type { SessionApiDeps } from "./session-api-deps.ts";

/** What a back end gives a browser in place of its API key, as in OpenAI's Realtime interface. */
export function clientSecretOperation({ secrets }: SessionApiDeps): Operation {
  return operation({
    method: "POST",
    path: "/v1/realtime/client_secrets",
    id: "createClientSecret",
    summary: "Makes a short-lived secret for one client, with the session it may hold.",
    caller: "key",
    body: createClientSecret,
    response: createdClientSecret,
    async handle({ principal, body }) {
      const { session } = body;
      refuseUnsupported(checked(sessionSettings, session));
      const { value, expiresAtMs } = await secrets.issue({
        tenant: principal.tenant,
        key: principal.key,
        lifetimeSeconds: body.expires_after?.seconds ?? secretLifetime.default,
        session,
      });
      return { value, expires_at: expiresAtMs / 1000, session: { type: "realtime", ...session } };
    },
  });
}
