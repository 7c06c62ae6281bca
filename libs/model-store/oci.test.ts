import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blobUrl } from "./http/oci-token.ts";
import { type BlobServer, startBlobServer } from "./testing/blob-server.ts";
import { createStoreFolders, fileEntry, type StoreFolders, sha256Of } from "./testing/store-folders.ts";

const WEIGHTS = randomBytes(600_000);
const blobPath = `/v2/models/tiny/blobs/sha256:${sha256Of(WEIGHTS)}`;
const basic = `Basic ${Buffer.from("someone:secret").toString("base64")}`;

let folders: StoreFolders;
let registry: BlobServer;
/** Where the registry keeps its blobs: another origin. */
let storage: BlobServer;

beforeEach(async () => {
  folders = await createStoreFolders();
  registry = await startBlobServer();
  storage = await startBlobServer();
  storage.serve("/stored", WEIGHTS, { breakAfterBytes: 500_000 });
  await folders.write({ files: [fileEntry("w.bin", WEIGHTS, { kind: "oci", repository: `${registry.host}/models/tiny` })] });
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
  await folders[Symbol.asyncDispose]();
});

/** A registry that wants a token for each blob and keeps the bytes elsewhere. */
function serveWithTokens(accepts: (authorization: string | undefined) => boolean): void {
  const challenge = `Bearer realm="${registry.url}/token",service="registry.test",scope="repository:models/tiny:pull"`;
  registry.on("/token", (request, response) => {
    const { searchParams } = new URL(request.url ?? "", registry.url);
    const asked = searchParams.get("service") === "registry.test" && searchParams.get("scope") === "repository:models/tiny:pull";
    if (!asked || !accepts(request.headers.authorization)) response.writeHead(401).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ token: "let-me-in" }));
  });
  registry.on(blobPath, (request, response) => {
    if (request.headers.authorization === "Bearer let-me-in") response.writeHead(307, { location: `${storage.url}/stored` }).end();
    else response.writeHead(401, { "www-authenticate": challenge }).end();
  });
}

describe("a blob of a registry", () => {
  it("comes with an anonymous token, from where the registry sends us, resumed when the connection breaks", async () => {
    serveWithTokens((authorization) => authorization === undefined);
    await folders.pull();
    expect(await readFile((await folders.resolve()).file("w.bin"))).toEqual(WEIGHTS);
    expect(storage.requests.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(
      storage.requests.map(({ authorization }) => authorization),
      "the token stays with the registry",
    ).toEqual([undefined, undefined]);
  });

  it("comes with the credentials of `oras login`, for a token or right away", async () => {
    await folders.put("docker/config.json", JSON.stringify({ auths: { [registry.host]: { auth: basic.slice("Basic ".length) } } }));
    const env = { ...process.env, DOCKER_CONFIG: join(folders.manifestDir, "docker") };
    serveWithTokens((authorization) => authorization === basic);
    await folders.pull({ env });

    registry.on(blobPath, (request, response) => {
      if (request.headers.authorization === basic) response.end(WEIGHTS);
      else response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end();
    });
    await folders.pull({ env, cacheDir: join(folders.dir, "second") });
    expect(registry.requests.at(-1)).toMatchObject({ authorization: basic });
  });

  it("comes from a mirror that is a registry, before the file's own sources", async () => {
    await folders.write({ files: [fileEntry("w.bin", WEIGHTS, { kind: "https", url: "http://127.0.0.1:9/nowhere" })] });
    registry.serve(blobPath, WEIGHTS);
    await folders.pull({ mirrors: [`oci://${registry.host}/models/tiny`] });
    expect(await readFile((await folders.resolve()).file("w.bin"))).toEqual(WEIGHTS);
  });

  it.each(["Basic", "Bearer"])("leaves a %s challenge of the host it was sent on to without an answer", async (scheme) => {
    const auth = basic.slice("Basic ".length);
    await folders.put("docker/config.json", JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const env = { ...process.env, DOCKER_CONFIG: join(folders.manifestDir, "docker") };
    registry.on(blobPath, (_, response) => void response.writeHead(307, { location: `${storage.url}/asks` }).end());
    storage.on("/asks", (_, response) => {
      response.writeHead(401, { "www-authenticate": `${scheme} realm="${storage.url}/token"` }).end();
    });
    await expect(folders.pull({ env })).rejects.toMatchObject({
      reason: "BACKEND_FAILED",
      message: expect.stringContaining("answers 401"),
    });
    expect(storage.requests).toEqual([{ path: "/asks", range: undefined, authorization: undefined }]);
  });

  it.each(["", "/", "/Models", "/models:latest"])("a mirror oci://host%s is no repository, and nobody is asked", async (path) => {
    const refused = folders.pull({ mirrors: [`oci://${registry.host}${path}`] });
    await expect(refused).rejects.toMatchObject({ reason: "INVALID_CONFIG", message: expect.stringContaining("names no repository") });
    expect(registry.requests).toEqual([]);
  });

  it("says that somebody has to log in", async () => {
    serveWithTokens(() => false);
    await expect(folders.pull()).rejects.toMatchObject({ reason: "BACKEND_FAILED", message: expect.stringContaining("log in with oras") });
  });

  it("does not hand credentials to a token service that is not https", async () => {
    registry.on(blobPath, (_, response) => {
      response.writeHead(401, { "www-authenticate": 'Bearer realm="http://example.org/token"' }).end();
    });
    await expect(folders.pull()).rejects.toMatchObject({ message: expect.stringContaining("no usable token service") });
  });
});

describe("the address of a blob", () => {
  it("is https outside of this machine, and Docker Hub's own where that is meant", () => {
    expect(blobUrl("registry.example.org:5000/a/b", "00")).toBe("https://registry.example.org:5000/v2/a/b/blobs/sha256:00");
    expect(blobUrl("docker.io/a/b", "00")).toBe("https://registry-1.docker.io/v2/a/b/blobs/sha256:00");
    expect(blobUrl("localhost:5000/a", "00")).toBe("http://localhost:5000/v2/a/blobs/sha256:00");
  });
});
