import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Answers probes: `/healthz` while the process turns its event loop, `/readyz` once it could take the lease over.
 * @param waiting what it still waits for
 */
export async function startHealthServer(host: string, port: number, waiting: () => readonly string[]): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const missing = request.url === "/readyz" ? waiting() : [];
    const known = request.url === "/healthz" || request.url === "/readyz";
    if (!known) response.writeHead(404).end("not found: /healthz and /readyz are the only pages\n");
    else if (missing.length > 0) response.writeHead(503).end(`waits for ${missing.join(", ")}\n`);
    else response.writeHead(200).end("ok\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
