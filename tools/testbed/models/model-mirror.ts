import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { cacheFolders } from "@troupe/model-store";
import type { ControlPlane } from "../control-plane/control-plane.ts";

/** Serves this machine's models to pods, by their sha256. */
export interface ModelMirror extends AsyncDisposable {
  /** For `models pull --mirror`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Whoever pulls checks each file against its manifest, so plain HTTP will do. Listens where the control plane's nodes reach it. */
export async function startModelMirror({ environment, lan }: Pick<ControlPlane, "environment" | "lan">): Promise<ModelMirror> {
  // Blobs lie in a folder of their hash's name.
  const { blobs } = cacheFolders(environment.cacheDir);
  const server = createServer((request, response) => void answer(blobs, request, response));
  server.listen(0, lan?.hostAddress ?? "127.0.0.1");
  await once(server, "listening");
  const { address, port } = server.address() as AddressInfo;
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return { url: `http://${address}:${port}/blobs`, close, [Symbol.asyncDispose]: close };
}

async function answer(blobs: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sha256 = /^\/blobs\/sha256\/([0-9a-f]{64})$/.exec(request.url ?? "")?.[1];
  const path = join(blobs, sha256 ?? "");
  const found = sha256 && request.method === "GET" ? await stat(path).catch(() => undefined) : undefined;
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": found.size });
  // A client that goes away ends the stream; it asks again.
  await pipeline(createReadStream(path), response).catch(() => response.destroy());
}
