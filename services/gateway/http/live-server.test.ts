import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, writeFile } from "node:fs/promises";
import { request as requestHttps } from "node:https";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { describe, expect, it, vi } from "vitest";
import { keysFile, startTestServer, temporaryFolder } from "./live.testing.ts";

describe("the live server", () => {
  it("answers every error as OpenAI does, with what helps against it", async () => {
    const { file, keys } = await keysFile(["acme"]);
    const { url } = await startTestServer({ keysFile: file });
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(url + path, init);
      return { status: response.status, headers: response.headers, body: await response.json() };
    };
    const authorization = `Bearer ${keys[0]}`;
    const unknown = await ask("/nothing");
    expect(unknown).toMatchObject({
      status: 404,
      body: { error: { type: "invalid_request_error", code: "INVALID_REQUEST", param: null } },
    });
    const wrongMethod = await ask("/v1/avatars", { method: "PUT" });
    expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const stranger = await ask("/v1/sessions");
    expect(stranger).toMatchObject({ status: 401, body: { error: { type: "authentication_error", code: "UNAUTHENTICATED" } } });
    expect(stranger.headers.get("www-authenticate")).toBe("Bearer");
    const json = { authorization, "content-type": "application/json" };
    const field = await ask("/v1/sessions", { method: "POST", headers: json, body: '{"output":{"width":5}}' });
    expect(field).toMatchObject({ status: 400, body: { error: { code: "INVALID_REQUEST", param: "output.width" } } });
    const noStages = await ask("/v1/sessions", { method: "POST", headers: json, body: "{}" });
    expect(noStages).toMatchObject({ status: 503, body: { error: { type: "server_error", code: "NO_REPLICA" } } });
    const notJson = await ask("/v1/sessions", { method: "POST", headers: json, body: "{" });
    expect(notJson).toMatchObject({ status: 400, body: { error: { type: "invalid_request_error" } } });
    const noType = await ask("/v1/sessions", { method: "POST", headers: { authorization, "content-type": "text/xml" }, body: "<a/>" });
    expect(noType.status).toBe(415);
  });

  it("lets pages call from origins that are allowed, and from no others", async () => {
    const { file, keys } = await keysFile(["acme"], { origins: ["https://acme.example"] });
    const { url } = await startTestServer({ keysFile: file, allowedOrigins: "https://all.example, https://too.example" });
    const preflight = (origin: string) =>
      fetch(`${url}/v1/sessions`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    for (const origin of ["https://acme.example", "https://all.example", "https://too.example", url]) {
      const response = await preflight(origin);
      expect([response.status, response.headers.get("access-control-allow-origin")], origin).toEqual([204, origin]);
      expect(response.headers.get("vary")).toBe("Origin");
    }
    const refused = await preflight("https://evil.example");
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    const authorization = `Bearer ${keys[0]}`;
    const call = (origin: string) => fetch(`${url}/v1/sessions`, { headers: { origin, authorization } });
    const [allowed, evil] = [await call("https://acme.example"), await call("https://evil.example")];
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([200, "https://acme.example"]);
    expect([evil.status, evil.headers.get("access-control-allow-origin")]).toEqual([403, null]);
  });

  it("tells browsers to trust nothing that is no page", async () => {
    const { url } = await startTestServer();
    const { headers } = await fetch(`${url}/v1/avatars`);
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("permissions-policy")).toContain("microphone=(self)");
    expect(headers.get("strict-transport-security")).toBeNull();
  });

  it("refuses to be open to a network without keys, and says what to do", async () => {
    for (const httpHost of ["0.0.0.0", "::", "192.168.1.1"])
      await expect(startTestServer({ httpHost })).rejects.toMatchObject({
        reason: "INVALID_CONFIG",
        message: expect.stringMatching(/TROUPE_KEYS_FILE.*troupe key create/),
      });
    const { file } = await keysFile(["acme"]);
    const server = await startTestServer({ httpHost: "0.0.0.0", keysFile: file });
    expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200);
  });

  it("describes itself in OpenAPI as it is", async () => {
    const { url } = await startTestServer();
    const document = await (await fetch(`${url}/v1/openapi.json`)).json();
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual([
      "/v1/sessions",
      "/v1/sessions/{id}",
      "/v1/sessions/{id}/transcript",
      "/v1/sessions/{id}/usage",
      "/v1/realtime/client_secrets",
      "/v1/avatars",
      "/v1/avatars/{name}/avatar.json",
    ]);
    const { requestBody, security } = document.paths["/v1/realtime/client_secrets"].post;
    const { seconds } = requestBody.content["application/json"].schema.properties.expires_after.properties;
    expect(seconds).toMatchObject({ type: "integer", minimum: 10, maximum: 7200, default: 600 });
    expect(security).toEqual([{ apiKey: [] }]);
  });
});

/** A certificate of its own for each name. */
async function certificate(folder: string, name: string) {
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const made = spawnSync("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj".split(" "),
    ...[`/CN=${name}`, "-keyout", keyFile, "-out", certFile],
  ]);
  expect(made.status, String(made.stderr)).toBe(0);
  return { certFile, keyFile };
}

function commonName(port: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const request = requestHttps({ host: "127.0.0.1", port, path: "/healthz", rejectUnauthorized: false, agent: false }, (response) => {
    resolve((response.socket as TLSSocket).getPeerCertificate().subject.CN);
    response.destroy();
  });
  request.on("error", reject);
  request.end();
  return promise;
}

describe("TLS", () => {
  it("takes up a new certificate while it serves, and nothing that is none", async () => {
    const folder = await temporaryFolder();
    const [first, second] = [await certificate(folder, "first"), await certificate(folder, "second")];
    const [tlsCert, tlsKey] = [join(folder, "tls.crt"), join(folder, "tls.key")];
    const put = async (certFile: string, keyFile: string) => {
      await copyFile(certFile, tlsCert);
      await copyFile(keyFile, tlsKey);
    };
    await put(first.certFile, first.keyFile);
    const server = await startTestServer({ tlsCert, tlsKey });
    expect(server.url).toMatch(/^https:/);
    expect(await commonName(server.port)).toBe("first");
    await writeFile(tlsCert, "nonsense");
    expect(await commonName(server.port)).toBe("first");
    await put(second.certFile, second.keyFile);
    await vi.waitUntil(async () => (await commonName(server.port)) === "second");
  });

  it("is refused with a key of another certificate", async () => {
    const folder = await temporaryFolder();
    const [first, second] = [await certificate(folder, "first"), await certificate(folder, "second")];
    expect(readFileSync(first.certFile, "utf8")).toContain("BEGIN CERTIFICATE");
    await expect(startTestServer({ tlsCert: first.certFile, tlsKey: second.keyFile })).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
    await expect(startTestServer({ tlsCert: first.certFile })).rejects.toMatchObject({
      message: expect.stringContaining("belong together"),
    });
  });
});
