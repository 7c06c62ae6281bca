import { readFile } from "node:fs/promises";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

export const webhookEvents = ["session.created", "session.ended", "utterance.completed", "response.completed"] as const;
export type WebhookEventType = (typeof webhookEvents)[number];

const secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/)
  .refine((text) => {
    const { byteLength } = Buffer.from(text.slice("whsec_".length), "base64");
    return byteLength >= 24 && byteLength <= 64;
  }, "must hold 24 to 64 bytes as base64, after whsec_");

const endpoint = z.strictObject({
  tenant: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/),
  url: z.url({ protocol: /^https?$/ }).max(2000),
  secret,
  events: z.array(z.enum(webhookEvents)).min(1).default(["session.created", "session.ended"]),
  /** Whether what was said travels, too. */
  text: z.boolean().default(false),
  /** Whether the address may be one of a private network, or this machine's; then it may also be without TLS. */
  private: z.boolean().default(false),
});

const webhooksFile = z.strictObject({ version: z.literal(1), endpoints: z.array(endpoint).max(1000) });

/** Where events of a tenant go. */
export type WebhookEndpoint = z.output<typeof endpoint>;

/** @throws ServiceError INVALID_CONFIG naming the file and what is wrong in it */
export async function readWebhooksFile(path: string): Promise<readonly WebhookEndpoint[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ServiceError("INVALID_CONFIG", `${path} (TROUPE_WEBHOOKS_FILE) cannot be read`, { cause });
  });
  const result = webhooksFile.safeParse(parse(text));
  if (!result.success)
    throw new ServiceError("INVALID_CONFIG", `${path} (TROUPE_WEBHOOKS_FILE) is no valid webhooks file: ${z.prettifyError(result.error)}`);
  const open = result.data.endpoints.find(({ url, private: allowed }) => url.startsWith("http:") && !allowed);
  if (open) throw new ServiceError("INVALID_CONFIG", `${path} (TROUPE_WEBHOOKS_FILE): ${open.url} must be https, or "private"`);
  return result.data.endpoints;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
