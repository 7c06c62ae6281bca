import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface BlobServer extends AsyncDisposable {
  /** http://127.0.0.1:port */
  readonly url: string;
  readonly host: string;
  readonly requests: SeenRequest[];
  /** Serves bytes under a path, with Range. */
  serve(path: string, content: Uint8Array, faults?: Faults): void;
  /** Answers a path in another way. */
  on(path: string, handler: (request: IncomingMessage, response: ServerResponse) => void): void;
}

export interface Faults {
  /** Breaks the connection after so many bytes of the body, this often. */
  readonly breakAfterBytes?: number;
  readonly breaks?: number;
  /** Answers 200 with everything whatever is asked for. */
  readonly ignoresRange?: boolean;
  /** Sends this many bytes and then nothing. */
  readonly stallsAfterBytes?: number;
  /** Called when it stalls. */
  readonly onStall?: () => void;
}

/** A real HTTP server on port 0 that misbehaves as told. */
export async function startBlobServer(): Promise<BlobServer> {
  const handlers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    requests.push({ path: pathname, range: request.headers.range, authorization: request.headers.authorization });
    const handler = handlers.get(pathname);
    if (handler) handler(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    on: (path, handler) => handlers.set(path, handler),
    serve(path, content, faults = {}) {
      let breaks = faults.breaks ?? (faults.breakAfterBytes === undefined ? 0 : 1);
      handlers.set(path, (request, response) => {
        const body = startBody(request, response, content, faults.ignoresRange ?? false);
        if (faults.stallsAfterBytes !== undefined) {
          response.write(body.subarray(0, faults.stallsAfterBytes), () => faults.onStall?.());
        } else if (breaks-- > 0) {
          // An orderly close of the connection, so that what was sent arrives before it.
          response.write(body.subarray(0, faults.breakAfterBytes), () => response.socket?.end());
        } else response.end(body);
      });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function startBody(request: IncomingMessage, response: ServerResponse, content: Uint8Array, ignoresRange: boolean): Uint8Array {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (ignoresRange || start === 0) {
    response.writeHead(200, { "content-length": content.length });
    return content;
  }
  if (start >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` });
    return new Uint8Array();
  }
  response.writeHead(206, {
    "content-length": content.length - start,
    "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
  });
  return content.subarray(start);
}
