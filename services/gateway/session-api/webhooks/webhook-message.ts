import { createHmac } from "node:crypto";

/** One event on its way to one endpoint. */
export interface WebhookMessage {
  /** The same for every attempt, so that a receiver can tell that it has it already. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

/**
 * Headers of one attempt, signed as Standard Webhooks 1.0 says: HMAC-SHA256 of `id.timestamp.body`.
 * @param secret "whsec_" and the key as base64
 * @param utcMs of this attempt; receivers refuse what is minutes old
 */
export function signedHeaders({ id, body }: WebhookMessage, secret: string, utcMs: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(utcMs / 1000));
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
