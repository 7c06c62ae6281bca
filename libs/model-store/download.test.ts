import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PullEvent } from "./pull-event.ts";
import { type BlobServer, startBlobServer } from "./testing/blob-server.ts";
import { createStoreFolders, fileEntry, type StoreFolders, sha256Of } from "./testing/store-folders.ts";

const WEIGHTS = randomBytes(600_000);
const HALF = 300_000;

let folders: StoreFolders;
let server: BlobServer;

beforeEach(async () => {
  folders = await createStoreFolders();
  server = await startBlobServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await folders[Symbol.asyncDispose]();
});

const at = (path: string) => ({ kind: "https", url: `${server.url}${path}` }) as const;
const writeWeights = (...paths: readonly string[]) => folders.write({ files: [fileEntry("w.bin", WEIGHTS, ...paths.map(at))] });
const pulled = async () => await readFile((await folders.resolve()).file("w.bin"));
const partial = () => join(folders.cacheDir, "partials", "tiny", sha256Of(WEIGHTS));
const rangesOf = (path: string) => server.requests.filter((request) => request.path === path).map((request) => request.range);

async function leavePartial(content: Uint8Array): Promise<void> {
  await mkdir(join(partial(), ".."), { recursive: true });
  await writeFile(partial(), content);
}

describe("a download", () => {
  it("goes on where the connection broke", async () => {
    server.serve("/w", WEIGHTS, { breakAfterBytes: HALF });
    await writeWeights("/w");
    const events = await folders.pull();
    expect(await pulled()).toEqual(WEIGHTS);
    const [first, second] = rangesOf("/w");
    expect([first, second]).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(events.map((event) => event.kind)).toContain("failed");
  });

  it("goes on where an earlier pull stopped, and says so", async () => {
    server.serve("/w", WEIGHTS);
    await writeWeights("/w");
    await leavePartial(WEIGHTS.subarray(0, HALF));
    const events = await folders.pull();
    expect(await pulled()).toEqual(WEIGHTS);
    expect(rangesOf("/w")).toEqual([`bytes=${HALF}-`]);
    expect(events).toContainEqual(expect.objectContaining({ kind: "fetching", resumedBytes: HALF }));
    expect(await readdir(join(folders.cacheDir, "partials"))).toEqual([]);
  });

  it.each([
    ["was damaged", randomBytes(HALF)],
    ["is as long as the file but another one", randomBytes(WEIGHTS.length)],
    ["is longer than the file", randomBytes(WEIGHTS.length + 1)],
  ])("starts over when what an earlier pull left %s", async (_, left) => {
    server.serve("/w", WEIGHTS);
    await writeWeights("/w");
    await leavePartial(left);
    await folders.pull();
    expect(await pulled()).toEqual(WEIGHTS);
    expect(rangesOf("/w").at(-1)).toBeUndefined();
  });

  it("starts over when the server knows no ranges", async () => {
    server.serve("/w", WEIGHTS, { ignoresRange: true });
    await writeWeights("/w");
    await leavePartial(WEIGHTS.subarray(0, HALF));
    await folders.pull();
    expect(await pulled()).toEqual(WEIGHTS);
  });

  it("that is cancelled while the connection is down tries nothing else, and leaves what there was for the next time", async () => {
    server.on("/w", (_, response) => void response.destroy());
    await writeWeights("/w", "/other");
    await leavePartial(WEIGHTS.subarray(0, HALF));
    const aborted = new AbortController();
    const onProgress = (event: PullEvent) => event.kind === "failed" && aborted.abort();
    await expect(folders.pull({ onProgress, signal: aborted.signal })).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(await readFile(partial())).toEqual(WEIGHTS.subarray(0, HALF));
    expect(rangesOf("/other")).toEqual([]);
  });

  it("tells how far it is", async () => {
    server.serve("/w", WEIGHTS);
    await writeWeights("/w");
    const received = (await folders.pull()).filter((event) => event.kind === "received");
    expect(received.at(-1)).toMatchObject({ receivedBytes: WEIGHTS.length, totalBytes: WEIGHTS.length });
  });

  it("goes through the proxy of the environment", async () => {
    await using proxy = await startBlobServer();
    proxy.serve("/w", WEIGHTS);
    await writeWeights("/w");
    await folders.pull({ env: { HTTP_PROXY: proxy.url } });
    expect(await pulled()).toEqual(WEIGHTS);
    expect([proxy.requests.length, server.requests.length]).toEqual([1, 0]);
  });

  it("needs no network when everything is there", async () => {
    server.serve("/w", WEIGHTS);
    await writeWeights("/w");
    await folders.pull();
    await server[Symbol.asyncDispose]();
    expect((await folders.pull()).map((event) => event.kind)).toEqual(["present"]);
  });
});

describe("what is not what the manifest says", () => {
  it("is refused, kept nowhere, and the next source is tried", async () => {
    server.serve("/other", randomBytes(WEIGHTS.length));
    server.serve("/w", WEIGHTS);
    await writeWeights("/other", "/missing", "/w");
    const events = await folders.pull();
    expect(await pulled()).toEqual(WEIGHTS);
    const failures = events.filter((event) => event.kind === "failed").map((event) => event.reason);
    expect(failures).toEqual([expect.stringContaining("sha256"), expect.stringContaining("404")]);
  });

  it("fails the pull with what every source said", async () => {
    server.serve("/other", randomBytes(WEIGHTS.length));
    await writeWeights("/other", "/missing");
    const message = expect.stringMatching(/w\.bin: .*\/other has the sha256 .*; then .*\/missing answers 404/);
    await expect(folders.pull()).rejects.toMatchObject({ reason: "MODEL_CORRUPT", message });
    await expect(folders.resolve()).rejects.toMatchObject({ reason: "MODEL_MISSING" });
    expect(await readdir(join(folders.cacheDir, "partials", "tiny"))).toEqual([]);
  });

  it("is cut off when it is longer than stated, with or without a length in the answer", async () => {
    // Far more than the buffers between two sockets hold: who sends all of it was read to the end.
    const long = Buffer.concat([WEIGHTS, randomBytes(40_000_000)]);
    let takenBytes = 0;
    const received: string[] = [];
    server.serve("/announced", long);
    server.on("/endless", (_, response) => {
      response.writeHead(200);
      for (let start = 0; start < long.length; start += 1 << 16) {
        const piece = long.subarray(start, start + (1 << 16));
        response.write(piece, (error) => {
          if (!error) takenBytes += piece.length;
        });
      }
      response.end();
    });
    for (const path of ["/announced", "/endless"]) {
      await writeWeights(path);
      const refused = folders.pull({ onProgress: (event) => event.kind === "received" && received.push(path) });
      await expect(refused).rejects.toMatchObject({
        reason: "MODEL_CORRUPT",
        message: expect.stringContaining("sends more than the 600000 bytes"),
      });
    }
    expect(received, "a length that is too large needs no reading").not.toContain("/announced");
    expect(takenBytes).toBeLessThan(long.length / 2);
  });

  it("is nothing that the next source goes on after", async () => {
    server.on("/longer", (_, response) => {
      response.writeHead(200);
      response.write(randomBytes(HALF), () => response.end(randomBytes(WEIGHTS.length)));
    });
    server.serve("/w", WEIGHTS);
    await writeWeights("/longer", "/w");
    await folders.pull();
    expect(await pulled()).toEqual(WEIGHTS);
    expect(rangesOf("/w")).toEqual([undefined]);
  });

  it("is found out when a source broke off after other bytes and the next one went on after them", async () => {
    let asked = 0;
    server.on("/other", (_, response) => {
      if (asked++ > 0) return void response.writeHead(404).end();
      response.writeHead(200, { "content-length": WEIGHTS.length });
      response.write(randomBytes(HALF), () => response.socket?.end());
    });
    server.serve("/w", WEIGHTS);
    await writeWeights("/other", "/w");
    await folders.pull();
    expect(await pulled()).toEqual(WEIGHTS);
    expect(rangesOf("/w")).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/), undefined]);
  });
});

describe("a mirror", () => {
  const mirrored = `/blobs/sha256/${sha256Of(WEIGHTS)}`;

  it("is asked first, and spares conversions; what it lacks comes from elsewhere", async () => {
    await folders.put("tiny/other.txt", "other\n");
    await folders.write({
      files: [
        fileEntry("w.bin", WEIGHTS, { kind: "conversion", recipe: "none.py" }),
        fileEntry("o.txt", "other\n", { kind: "file", path: "other.txt" }),
      ],
    });
    server.serve(mirrored, WEIGHTS);
    const events = await folders.pull({ mirrors: [`${server.url}/blobs/`], policy: { requireLicense: ["MIT"] } });
    expect(await pulled()).toEqual(WEIGHTS);
    expect(events.map((event) => event.kind)).not.toContain("converting");
    expect(server.requests.map(({ path }) => path)).toEqual([`/blobs/sha256/${sha256Of("other\n")}`, mirrored]);
  });

  it("is believed no more than any other source", async () => {
    server.serve(mirrored, randomBytes(WEIGHTS.length));
    server.serve("/w", WEIGHTS);
    await writeWeights("/w");
    await folders.pull({ mirrors: [`${server.url}/blobs`] });
    expect(await pulled()).toEqual(WEIGHTS);
    await expect(folders.pull({ cacheDir: join(folders.dir, "second"), mirrors: ["ftp://example.org"] })).rejects.toMatchObject({
      reason: "INVALID_CONFIG",
    });
  });
});

describe("redirects", () => {
  const redirect = (from: string, location: string) => server.on(from, (_, response) => void response.writeHead(302, { location }).end());

  it("are followed on this machine and to https, a few times", async () => {
    server.serve("/w", WEIGHTS);
    redirect("/moved", "/again");
    redirect("/again", `${server.url}/w`);
    await writeWeights("/moved");
    await folders.pull();
    expect(await pulled()).toEqual(WEIGHTS);
  });

  it("in a circle end", async () => {
    redirect("/circle", "/circle");
    await writeWeights("/circle");
    await expect(folders.pull()).rejects.toMatchObject({ reason: "BACKEND_FAILED", message: expect.stringContaining("more than 5 times") });
    expect(server.requests).toHaveLength(6);
  });

  it.each([
    "file:///etc/passwd",
    "ftp://example.org/w",
    "http://example.org/w",
    "http://169.254.169.254/latest",
    "https://user:word@example.org/",
  ])("to %s are not followed", async (location) => {
    redirect("/away", location);
    await writeWeights("/away");
    await expect(folders.pull()).rejects.toMatchObject({ reason: "BACKEND_FAILED", message: expect.stringContaining("is not followed") });
  });
});
