import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { link, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withModelLock } from "./pull-lock.ts";
import { type BlobServer, startBlobServer } from "./testing/blob-server.ts";
import { createStoreFolders, fileEntry, type StoreFolders, sha256Of } from "./testing/store-folders.ts";

const WEIGHTS = randomBytes(400_000);
const program = fileURLToPath(new URL("./testing/pull-process.ts", import.meta.url));

let folders: StoreFolders;
let server: BlobServer;

beforeEach(async () => {
  folders = await createStoreFolders();
  server = await startBlobServer();
  await folders.write({ files: [fileEntry("w.bin", WEIGHTS, { kind: "https", url: `${server.url}/w` })] });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await folders[Symbol.asyncDispose]();
});

function startPull(): ChildProcess & { readonly stdout: NonNullable<ChildProcess["stdout"]> } {
  return spawn(process.execPath, [program, folders.manifestDir, folders.cacheDir], { stdio: ["ignore", "pipe", "inherit"] });
}

const partialBytes = () =>
  stat(join(folders.cacheDir, "partials", "tiny", sha256Of(WEIGHTS))).then(
    (found) => found.size,
    () => 0,
  );

describe("two processes that pull the same model", () => {
  it("download it once: the second waits for the first", async () => {
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      server.on("/w", (_, response) => {
        answer = () => response.end(WEIGHTS);
        resolve();
      });
    });
    const first = startPull();
    const firstSaid = text(first.stdout);
    await asked;
    const second = startPull();
    const chunks: string[] = [];
    for await (const chunk of second.stdout) {
      chunks.push(String(chunk));
      if (chunks.join("").includes("waiting")) answer();
    }
    expect(await firstSaid).toBe("fetching\nfetched\npulled\n");
    expect(chunks.join("")).toBe("waiting\npresent\n");
    expect(server.requests).toHaveLength(1);
    expect(await readFile((await folders.resolve()).file("w.bin"))).toEqual(WEIGHTS);
  });
});

describe("a pull that is killed", () => {
  it("leaves a lock that is free at once, and a download that goes on", async () => {
    const stalled = new Promise<void>((onStall) => server.serve("/w", WEIGHTS, { stallsAfterBytes: 200_000, onStall }));
    const child = startPull();
    let ended = false;
    const closed = once(child, "close").then(() => {
      ended = true;
    });
    await Promise.race([stalled, closed]);
    // The bytes have left the server: the child stores them, or it ends.
    while (!ended && (await partialBytes()) === 0) await new Promise(setImmediate);
    expect(ended, "it ended by itself").toBe(false);
    child.kill("SIGKILL");
    await closed;
    expect(await readdir(join(folders.cacheDir, "work"))).toEqual(["tiny"]);

    const kept = await partialBytes();
    server.serve("/w", WEIGHTS);
    const events = await folders.pull();
    expect(events.map((event) => event.kind)).not.toContain("waiting");
    expect(server.requests.at(-1)).toMatchObject({ range: `bytes=${kept}-` });
    expect(await readFile((await folders.resolve()).file("w.bin"))).toEqual(WEIGHTS);
    expect(await readdir(join(folders.cacheDir, "work"))).toEqual([]);
  });
});

describe("the lock of a model", () => {
  it("lets one in at a time, within a process too, and is cancelled while it waits", async () => {
    let inside = 0;
    let most = 0;
    const enter = () =>
      withModelLock(folders.cacheDir, "tiny", {}, async () => {
        most = Math.max(most, ++inside);
        await new Promise(setImmediate);
        inside--;
      });
    await Promise.all([enter(), enter(), enter()]);
    expect(most).toBe(1);

    const waits = new AbortController();
    await withModelLock(folders.cacheDir, "tiny", {}, async () => {
      const second = withModelLock(folders.cacheDir, "tiny", { signal: waits.signal, onWait: () => waits.abort() }, async () => undefined);
      await expect(second).rejects.toMatchObject({ reason: "CANCELLED" });
    });
  });

  it("holds nobody up who pulls another model", async () => {
    await withModelLock(folders.cacheDir, "tiny", {}, () => withModelLock(folders.cacheDir, "other", {}, async () => undefined));
  });
});

describe("the same file in two models", () => {
  it("is fetched and stored once", async () => {
    server.serve("/w", WEIGHTS);
    await folders.write({ id: "twin", files: [fileEntry("other-name.bin", WEIGHTS, { kind: "https", url: `${server.url}/w` })] });
    await folders.pull();
    const [one, two] = await Promise.all([folders.resolve("tiny"), folders.resolve("twin")]);
    expect(server.requests).toHaveLength(1);
    expect((await stat(one.file("w.bin"))).ino).toBe((await stat(two.file("other-name.bin"))).ino);
  });

  it("is taken over from a cache that has no blobs yet", async () => {
    await mkdir(join(folders.cacheDir, "models", "tiny"), { recursive: true });
    await writeFile(join(folders.dir, "w.bin"), WEIGHTS);
    await link(join(folders.dir, "w.bin"), join(folders.cacheDir, "models", "tiny", "w.bin"));
    for (let pulls = 0; pulls < 2; pulls++) {
      expect((await folders.pull()).map((event) => event.kind)).toEqual(["present"]);
      expect(await readdir(join(folders.cacheDir, "blobs", "sha256"))).toEqual([sha256Of(WEIGHTS)]);
    }
  });
});
