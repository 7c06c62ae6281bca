import type { Server } from "node:http";
import type { Socket } from "node:net";

export interface ConnectionLimits {
  readonly total: number;
  /** Of one address, proxies excepted. */
  readonly perAddress: number;
}

export const defaultConnectionLimits: ConnectionLimits = { total: 4096, perAddress: 256 };

/** Cuts connections that are too many, those of one address before those of all: one flooding client leaves room for others. */
export function limitConnections(server: Server, limits: ConnectionLimits, isProxy: (address: string) => boolean): void {
  server.maxConnections = limits.total;
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress;
    if (address === undefined || isProxy(address)) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > limits.perAddress) return void socket.destroy();
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
