import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { until } from "@troupe/testkit";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { logger, standingClock, temporaryFolder } from "../../http/live.testing.ts";
import { isPublic, post } from "./post.ts";
import { defaultWebhookPolicy, type WebhookPolicy } from "./webhook-queue.ts";
import { openWebhooks } from "./webhooks.ts";

const secret = `whsec_${Buffer.from("twenty-four bytes of key").toString("base64")}`;

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly path: string;
  readonly body: string;
}

/** A real HTTP server that answers with one status after the other; 0: never. */
async function receiver(...statuses: readonly number[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const status = statuses[received.length] ?? 200;
    received.push({ headers: request.headers, path: request.url ?? "", body });
    if (status === 0) return;
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

async function webhooksTo(endpoints: readonly object[], policy: Partial<WebhookPolicy> = {}) {
  const file = join(await temporaryFolder(), "webhooks.json");
  await writeFile(
    file,
    JSON.stringify({ version: 1, endpoints: endpoints.map((each) => ({ tenant: "acme", secret, private: true, ...each })) }),
  );
  const { clock, utcNowMs } = standingClock(Date.now());
  const webhooks = await openWebhooks(file, { clock, utcNowMs, logger }, { ...defaultWebhookPolicy, ...policy });
  onTestFinished(() => webhooks.close());
  return { webhooks, clock, file };
}

const created = { type: "session.created", data: { session_id: "s1" } } as const;
const said = { type: "utterance.completed", data: { utterance: 1 }, text: { text: "Where is it?" } } as const;

describe("webhooks", () => {
  it("are signed so that any receiver of Standard Webhooks can tell who sent them", async () => {
    const { received, url } = await receiver();
    const { webhooks } = await webhooksTo([{ url }]);
    webhooks.send("acme", created);
    await until("the receivers have it", () => received.length === 1);
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(verified).toEqual({ type: "session.created", timestamp: expect.stringMatching(/Z$/), data: { session_id: "s1" } });
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
    const other = `whsec_${Buffer.from("another key of 24 bytes.").toString("base64")}`;
    expect(() => new Webhook(other).verify(body, headers as Record<string, string>)).toThrow();
  });

  it("go to their tenant, for the events it wants, without what was said unless it wants that", async () => {
    const [plain, withText, foreign] = [await receiver(), await receiver(), await receiver()];
    const events = ["utterance.completed"];
    const { webhooks } = await webhooksTo([
      { url: plain.url, events },
      { url: withText.url, events, text: true },
      { url: foreign.url, events, tenant: "globex" },
    ]);
    webhooks.send("acme", created);
    webhooks.send("acme", said);
    await until("the receivers have it", () => plain.received.length + withText.received.length === 2);
    expect(plain.received[0]?.body).not.toContain("Where is it?");
    expect(JSON.parse(plain.received[0]?.body ?? "")).toMatchObject({ data: { utterance: 1 } });
    expect(JSON.parse(withText.received[0]?.body ?? "")).toMatchObject({ data: { utterance: 1, text: "Where is it?" } });
    expect(foreign.received).toEqual([]);
  });

  it("are tried again, later each time, with the same id and a new time, until they are taken", async () => {
    const { received, url } = await receiver(500, 503, 200);
    const { webhooks, clock } = await webhooksTo([{ url }], { backoffMs: [1000, 60_000] });
    webhooks.send("acme", created);
    const passing = () => clock.advance(100);
    await until("it is taken", () => received.length === 3, passing);
    await clock.advance(3_600_000);
    await settled();
    expect(received.length).toBe(3);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const times = received.map(({ headers }) => Number(headers["webhook-timestamp"]));
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(1);
    expect(third - second).toBeGreaterThanOrEqual(60);
    expect(third - first).toBeLessThan(70);
  });

  it("are given up after the last attempt, and at once where the receiver is gone", async () => {
    const [failing, gone] = [await receiver(500, 500, 500, 500), await receiver(410, 200)];
    const { webhooks, clock } = await webhooksTo([{ url: failing.url }, { url: gone.url }], { backoffMs: [1000] });
    webhooks.send("acme", created);
    await until("the receivers have it", () => failing.received.length + gone.received.length === 2);
    await until(
      "it is tried again",
      () => failing.received.length === 2,
      () => clock.advance(100),
    );
    await settled();
    webhooks.send("acme", created);
    await until("the receivers have it", () => failing.received.length === 3);
    expect(gone.received.length).toBe(1);
  });

  it("follow no redirect", async () => {
    const { received, url } = await receiver(302, 200);
    const { webhooks, clock } = await webhooksTo([{ url }], { backoffMs: [1000] });
    webhooks.send("acme", created);
    await until("the receivers have it", () => received.length === 1);
    await until(
      "it is tried again",
      () => received.length === 2,
      () => clock.advance(100),
    );
    expect(received.map(({ path }) => path)).toEqual(["/hook", "/hook"]);
  });

  it("do not wait for a receiver that never answers", async () => {
    const { received, url } = await receiver(0, 200);
    const { webhooks, clock } = await webhooksTo([{ url }], { backoffMs: [1000], timeoutMs: 5000 });
    webhooks.send("acme", created);
    await until("the receivers have it", () => received.length === 1);
    await until(
      "it is tried again",
      () => received.length === 2,
      () => clock.advance(100),
    );
  });

  it("that are too many are dropped, not kept", async () => {
    const { received, url } = await receiver(...Array<number>(50).fill(0));
    const { webhooks, clock } = await webhooksTo([{ url }], { maxWaiting: 10, maxConcurrent: 2, backoffMs: [], timeoutMs: 1000 });
    for (let event = 0; event < 100; event++) webhooks.send("acme", created);
    for (let round = 1; round <= 5; round++) {
      await until("the receivers have it", () => received.length === 2 * round);
      await clock.advance(1000);
      await settled();
    }
    await clock.advance(60_000);
    expect(received.length).toBe(10);
  });

  it("reach no private network, by address or by name, unless they may", async () => {
    const { received, url } = await receiver();
    const send = (to: string, allowPrivate: boolean) =>
      post({ url: to, headers: {}, body: "{}", allowPrivate, signal: AbortSignal.timeout(5000) });
    const byName = url.replace("127.0.0.1", "localhost");
    await expect(send(url, false)).rejects.toThrow("not a public address");
    await expect(send(byName, false)).rejects.toThrow("not at a public address");
    expect(received).toEqual([]);
    expect([await send(url, true), await send(byName, true)]).toEqual([200, 200]);
    const inner = [
      "127.0.0.1",
      "10.1.2.3",
      "172.16.0.1",
      "192.168.0.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
      "::1",
      "fe80::1",
      "fc00::1",
      "::ffff:10.0.0.1",
      "64:ff9b::a00:1",
    ];
    expect(inner.filter(isPublic)).toEqual([]);
    expect(["93.184.216.34", "2606:2800:220:1::1"].filter(isPublic).length).toBe(2);
  });

  it.each([
    ["without TLS", { url: "http://hooks.example/a", private: false }, "must be https"],
    ["with a weak secret", { url: "https://hooks.example/a", secret: "whsec_c2hvcnQ=" }, "24 to 64 bytes"],
    ["for an event that there is not", { url: "https://hooks.example/a", events: ["session.paused"] }, "events"],
  ])("are refused %s", async (_, endpoint, message) => {
    await expect(webhooksTo([endpoint])).rejects.toMatchObject({ reason: "INVALID_CONFIG", message: expect.stringContaining(message) });
  });
});

/** An answer has come back to the sender over the local network. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}
