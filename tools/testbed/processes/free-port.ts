import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

// Below the ports that Linux gives to connections, so that none takes it before its server does; above the privileged and well-known ones.
const range = [12_000, 29_999] as const;

/** A TCP port that nobody listens on, of any address. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(range[0], range[1] + 1);
    const server = createServer();
    server.listen({ port, host: "0.0.0.0" });
    const free = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
