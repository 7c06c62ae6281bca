import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** A network between a client and a server on loopback that can fail. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections there were so far. */
  readonly accepted: number;
  /** Connections that are open stay open, and carry nothing from now on in either direction; new ones work. */
  freeze(): void;
  /** While down, new connections are accepted and carry nothing. */
  setDown(down: boolean): void;
  /** Resets all connections. */
  cut(): void;
}

/** @param target port on 127.0.0.1 */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<{ readonly sockets: readonly [Socket, Socket]; frozen: boolean }>();
  let accepted = 0;
  let down = false;
  const server = createServer((client) => {
    accepted += 1;
    const upstream = connect(target, "127.0.0.1");
    const pair: { sockets: readonly [Socket, Socket]; frozen: boolean } = { sockets: [client, upstream], frozen: down };
    pairs.add(pair);
    const end = () => {
      if (pair.frozen) return;
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on("data", (bytes) => pair.frozen || to.write(bytes));
      from.on("error", end);
      from.on("close", end);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const freeze = () => {
    for (const pair of pairs) pair.frozen = true;
  };
  const destroyAll = () => {
    for (const pair of pairs) {
      for (const socket of pair.sockets) socket.resetAndDestroy();
    }
    pairs.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    freeze,
    setDown(now) {
      down = now;
      if (now) freeze();
    },
    cut: destroyAll,
    async [Symbol.asyncDispose]() {
      destroyAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
