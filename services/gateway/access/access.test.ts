import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@troupe/timeline";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { keysFile, logger, noonMs, standingClock, temporaryFolder } from "../http/live.testing.ts";
import type { Access } from "./access.ts";
import { hashApiKey, isKeyOf, newApiKey, parseApiKey } from "./api-key.ts";
import { createClientSecrets } from "./client-secrets.ts";
import { createAccess } from "./create-access.ts";
import { FailedAttempts } from "./failed-attempts.ts";
import { openKeyRing } from "./key-ring.ts";
import { readKeysFile, writeKeysFile } from "./keys-file.ts";

const platformKey = "a key that the platform's services share";
const here = { remoteAddress: "127.0.0.1" };
const host = "localhost:8080";
const bearer = (secret: string) => ({ headers: { host, authorization: `Bearer ${secret}` }, ...here });

async function accessWith(extra: Parameters<typeof keysFile>[1] = {}, allowedOrigins: readonly string[] = []) {
  const { clock, utcNowMs } = standingClock();
  const { file, keys, stored } = await keysFile(["acme", "globex"], extra);
  const ring = await openKeyRing(file, { clock: systemClock, logger });
  onTestFinished(() => ring.close());
  const secrets = createClientSecrets(platformKey, "local", utcNowMs);
  const access = createAccess({ keys: ring, secrets, failures: new FailedAttempts(clock) }, allowedOrigins);
  return { access, file, keys, stored, clock, secrets };
}

describe("an API key", () => {
  it("is kept as a hash that the key itself fits and no other does", () => {
    const [key, other] = [newApiKey(), newApiKey()];
    const hash = hashApiKey(key);
    expect(hash).not.toContain(key.text.slice(17));
    expect(parseApiKey(key.text)).toEqual(key);
    expect(isKeyOf(hash, key)).toBe(true);
    expect(isKeyOf(hash, { ...other, id: key.id })).toBe(false);
  });

  it.each([
    "",
    "trk_",
    "sk-1234",
    `trk_abcdefghijkl_${"x".repeat(42)}`,
    `trk_abcdefghijkl_${"x".repeat(44)}`,
    `trk_ABCDEFGHIJKL_${"x".repeat(43)}`,
  ])("is not %j", (text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });

  it("is stored for its owner only, without the secret", async () => {
    const { file, keys } = await keysFile(["acme"]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).not.toContain(keys[0]?.slice(17));
  });

  it("is refused with its file where that is broken", async () => {
    const file = join(await temporaryFolder(), "keys.json");
    await writeFile(file, '{"version":1,"keys":[{"id":"short"}]}');
    await expect(openKeyRing(file, { clock: systemClock, logger })).rejects.toMatchObject({
      reason: "INVALID_CONFIG",
      message: expect.stringContaining("keys"),
    });
  });

  it("opens the gateway to its tenant, and stops doing so when it is revoked, while a broken file changes nothing", async () => {
    const { access, keys, file, stored } = await accessWith({ limits: { maxSessions: 2 }, motionOnly: true });
    const [acme = "", globex = ""] = keys;
    await expect(access.authenticate(bearer(acme))).resolves.toMatchObject({
      tenant: "acme",
      motionOnly: true,
      limits: { maxSessions: 2, minutesPerDay: Number.POSITIVE_INFINITY },
    });
    await expect(access.authenticate(bearer(globex))).resolves.toMatchObject({ tenant: "globex" });
    await writeFile(file, "{");
    await expect(access.authenticate(bearer(acme))).resolves.toMatchObject({ tenant: "acme" });
    await writeKeysFile(
      file,
      stored.map((key) => (key.tenant === "acme" ? { ...key, revoked: new Date(noonMs).toISOString() } : key)),
    );
    await vi.waitUntil(() =>
      access.authenticate(bearer(acme)).then(
        () => false,
        () => true,
      ),
    );
    await expect(access.authenticate(bearer(acme))).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
    await expect(access.authenticate(bearer(globex))).resolves.toMatchObject({ tenant: "globex" });
    expect((await readKeysFile(file)).size).toBe(2);
  });

  it("is refused with one wrong letter, or without one", async () => {
    const { access, keys } = await accessWith();
    const [acme = ""] = keys;
    const wrong = acme.slice(0, -1) + (acme.endsWith("A") ? "B" : "A");
    await expect(access.authenticate(bearer(wrong))).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
    await expect(access.authenticate({ headers: { host }, ...here })).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
  });

  it("comes from browsers' sockets as a subprotocol", async () => {
    const { access, keys } = await accessWith();
    const headers = { host, "sec-websocket-protocol": `realtime, openai-insecure-api-key.${keys[0]}, openai-beta.realtime-v1` };
    await expect(access.authenticate({ headers, ...here })).resolves.toMatchObject({ tenant: "acme" });
  });
});

describe("a client secret", () => {
  const wanted = { lifetimeSeconds: 60, session: { type: "realtime", model: "mara" } };

  it("carries its session for as long as it is valid", async () => {
    const { access, stored, clock, secrets } = await accessWith({ limits: { maxSessions: 3 } });
    const secret = await secrets.issue({ ...wanted, tenant: "acme", key: stored[0]?.id ?? "" });
    expect(secret).toEqual({ value: expect.stringMatching(/^ek_/), expiresAtMs: noonMs + 60_000 });
    await clock.advance(59_000);
    await expect(access.authenticate(bearer(secret.value))).resolves.toMatchObject({
      tenant: "acme",
      limits: { maxSessions: 3 },
      clientSecret: { session: wanted.session, expiresAtMs: noonMs + 60_000 },
    });
    await clock.advance(2000);
    await expect(access.authenticate(bearer(secret.value))).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
  });

  it("is worth nothing altered, at another site, under another platform's key, or once its API key is gone", async () => {
    const { access, stored, secrets, file } = await accessWith();
    const key = stored[0]?.id ?? "";
    const { value } = await secrets.issue({ ...wanted, tenant: "acme", key });
    const [head, , signature] = value.split(".");
    const claims = { ...JSON.parse(Buffer.from(value.split(".")[1] ?? "", "base64url").toString()), sub: "globex" };
    const altered = `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
    const elsewhere = await createClientSecrets(platformKey, "edge", () => noonMs).issue({ ...wanted, tenant: "acme", key });
    const foreign = await createClientSecrets(`${platformKey}!`, "local", () => noonMs).issue({ ...wanted, tenant: "acme", key });
    await access.authenticate(bearer(value));
    const moved = await secrets.issue({ ...wanted, tenant: "globex", key });
    for (const bad of [altered, elsewhere.value, foreign.value, moved.value, "ek_", "ek_a.b.c"])
      await expect(access.authenticate(bearer(bad)), bad).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
    await writeKeysFile(file, stored.slice(1));
    await vi.waitUntil(() =>
      access.authenticate(bearer(value)).then(
        () => false,
        () => true,
      ),
    );
  });

  it("takes its holder to the session it was made for, at every gateway of the site, and shows nobody the token for that", async () => {
    const { stored, secrets } = await accessWith();
    const running = { id: "0b7f1f6e-5a35-4c80-b7a5-06a3f0c1d9aa", resumeToken: "0b7f1f6e-5a35-4c80-b7a5-06a3f0c1d9aa.very-secret" };
    const { value } = await secrets.issue({ ...wanted, tenant: "acme", key: stored[0]?.id ?? "", running });
    const claims = Buffer.from(value.split(".")[1] ?? "", "base64url").toString();
    expect(claims).not.toContain("very-secret");
    const elsewhere = createClientSecrets(platformKey, "local", () => noonMs);
    expect((await elsewhere.check(value)).grant).toMatchObject({ sessionId: running.id, resumeToken: running.resumeToken });
    await expect(createClientSecrets(platformKey, "edge", () => noonMs).check(value)).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
  });

  it("is refused where its session would not fit into a header", async () => {
    const { secrets } = await accessWith();
    const session = { type: "realtime", instructions: "x".repeat(5000) };
    await expect(secrets.issue({ ...wanted, session, tenant: "acme", key: "k" })).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
  });
});

describe("the origin of a page", () => {
  const from = (origin: string, secret: string) => ({ headers: { host, origin, authorization: `Bearer ${secret}` }, ...here });

  it("may be the gateway's own, one that all keys allow, or one of the key", async () => {
    const { access, keys } = await accessWith({}, ["https://all.example"]);
    const key = keys[0] ?? "";
    for (const origin of ["http://localhost:8080", "https://localhost:8080", "https://all.example"])
      await expect(access.authenticate(from(origin, key)), origin).resolves.toBeDefined();
    for (const origin of ["https://evil.example", "null", "http://localhost:3000", "https://all.example.evil.example"])
      await expect(access.authenticate(from(origin, key)), origin).rejects.toMatchObject({ reason: "ORIGIN_REFUSED" });
  });

  it("that one key allows is no other key's", async () => {
    const { access, keys, file, stored } = await accessWith();
    const [acme = "", globex = ""] = keys;
    await writeKeysFile(
      file,
      stored.map((key) => (key.tenant === "acme" ? { ...key, origins: ["https://acme.example"] } : key)),
    );
    await vi.waitUntil(() => access.allowsOrigin("https://acme.example", host));
    await expect(access.authenticate(from("https://acme.example", acme))).resolves.toMatchObject({ tenant: "acme" });
    await expect(access.authenticate(from("https://acme.example", globex))).rejects.toMatchObject({ reason: "ORIGIN_REFUSED" });
  });
});

describe("without any key", () => {
  let access: Access;
  beforeEach(() => {
    const { clock, utcNowMs } = standingClock();
    const secrets = createClientSecrets(platformKey, "local", utcNowMs);
    access = createAccess({ keys: undefined, secrets, failures: new FailedAttempts(clock) }, []);
  });

  it.each([
    ["127.0.0.1", "127.0.0.1:8080"],
    ["::1", "[::1]:8080"],
    ["::ffff:127.0.0.1", "localhost"],
  ])("this machine (%s, %s) is tenant demo", async (remoteAddress, name) => {
    await expect(access.authenticate({ headers: { host: name }, remoteAddress })).resolves.toMatchObject({
      tenant: "demo",
      key: "loopback",
    });
  });

  it.each([
    ["another machine", "UNAUTHENTICATED", "192.168.1.7", { host }],
    [
      "a name that a stranger's DNS points here",
      "ORIGIN_REFUSED",
      "127.0.0.1",
      { host: "evil.example:8080", origin: "http://evil.example:8080" },
    ],
    ["a page of a stranger", "ORIGIN_REFUSED", "127.0.0.1", { host, origin: "https://evil.example" }],
    ["whoever is behind a proxy", "ORIGIN_REFUSED", "127.0.0.1", { host, "x-forwarded-for": "203.0.113.9" }],
  ])("%s is refused", async (_, reason, remoteAddress, headers) => {
    await expect(access.authenticate({ headers, remoteAddress })).rejects.toMatchObject({ reason });
  });
});

describe("a client secret without any key", () => {
  it("is valid where it was made with none", async () => {
    const { clock, utcNowMs } = standingClock();
    const secrets = createClientSecrets(platformKey, "local", utcNowMs);
    const access = createAccess({ keys: undefined, secrets, failures: new FailedAttempts(clock) }, []);
    const issue = (key: string) => secrets.issue({ tenant: "demo", key, lifetimeSeconds: 60, session: {} });
    await expect(access.authenticate(bearer((await issue("loopback")).value))).resolves.toMatchObject({ clientSecret: { session: {} } });
    await expect(access.authenticate(bearer((await issue("abcdefghijkl")).value))).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
  });
});

describe("who guesses", () => {
  it("is told to wait, by address; who knows a key is not", async () => {
    const { access, keys, clock } = await accessWith();
    const guess = (remoteAddress: string) =>
      access.authenticate({ ...bearer("trk_wrong"), remoteAddress }).then(
        () => "in",
        (error) => error.reason,
      );
    for (let attempt = 0; attempt < 20; attempt++) expect(await guess("203.0.113.9")).toBe("UNAUTHENTICATED");
    await expect(access.authenticate({ ...bearer("trk_wrong"), remoteAddress: "203.0.113.9" })).rejects.toMatchObject({
      reason: "LIMIT_REACHED",
      retryAfterMs: 3000,
    });
    expect(await guess("203.0.113.10")).toBe("UNAUTHENTICATED");
    await expect(access.authenticate({ ...bearer(keys[0] ?? ""), remoteAddress: "203.0.113.9" })).resolves.toBeDefined();
    await clock.advance(3000);
    expect(await guess("203.0.113.9")).toBe("UNAUTHENTICATED");
    expect(await guess("203.0.113.9")).toBe("LIMIT_REACHED");
  });

  it("has one chance for all 2^64 addresses of an IPv6 network", async () => {
    const { access } = await accessWith();
    const reasons = await Promise.all(
      Array.from({ length: 21 }, (_, index) =>
        access
          .authenticate({ ...bearer("trk_wrong"), remoteAddress: `2001:db8:0:1::${index.toString(16)}` })
          .catch((error) => error.reason),
      ),
    );
    expect(reasons.at(-1)).toBe("LIMIT_REACHED");
    await expect(access.authenticate({ ...bearer("trk_wrong"), remoteAddress: "2001:db8:0:2::1" })).rejects.toMatchObject({
      reason: "UNAUTHENTICATED",
    });
  });
});
