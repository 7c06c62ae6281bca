import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The way from one client to the gateway. It can be cut, and led to another gateway, as a balancer before several would. */
export interface Network extends AsyncDisposable {
  /** What the client opens, as http://host:port/ */
  readonly url: string;
  /** Where connections that are opened from now on lead. */
  lead(port: number): void;
  /**
   * Nothing passes any more, and no end is told that: what is sent waits. Who opens a connection is refused, as where the machine has
   * no network. What waited goes on when the network is back, as TCP would send it again.
   */
  cut(): void;
  restore(): void;
}

export async function openNetwork(port: number): Promise<Network> {
  let target = port;
  let whole = true;
  const sockets = new Set<Socket>();
  const pairs = new Set<readonly [Socket, Socket]>();
  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    if (!whole) return void near.resetAndDestroy();
    const far = connect({ port: target, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("data", (bytes) => void to.write(bytes));
      from.on("end", () => to.end());
      from.on("close", () => {
        sockets.delete(from);
        pairs.delete(pair);
        if (whole) to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    lead(next) {
      target = next;
    },
    cut() {
      whole = false;
      for (const socket of sockets) socket.pause();
    },
    restore() {
      whole = true;
      for (const socket of sockets) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
