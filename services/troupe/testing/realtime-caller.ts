import { onTestFinished } from "vitest";
import { WebSocket } from "ws";

export interface Told {
  readonly type: string;
  readonly event_id: string;
  readonly [field: string]: unknown;
}

/** A client of the Realtime protocol that remembers what it was told. */
export class RealtimeCaller {
  readonly events: Told[] = [];
  readonly packets: Uint8Array[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #changed = Promise.withResolvers<void>();

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data, binary) => {
      if (binary) this.packets.push(data as Buffer);
      else this.events.push(JSON.parse(data.toString()) as Told);
      this.#tell();
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#tell();
      });
    });
  }

  /** @throws Error "Unexpected server response: <status>" */
  static async open(url: string, protocols: readonly string[] = []): Promise<RealtimeCaller> {
    const socket = new WebSocket(url.replace(/^http/, "ws"), [...protocols]);
    const caller = new RealtimeCaller(socket);
    await new Promise<void>((resolve, reject) => {
      socket.on("open", resolve);
      socket.on("error", reject);
    });
    onTestFinished(() => socket.terminate());
    return caller;
  }

  send(event: object): void {
    this.socket.send(JSON.stringify(event));
  }

  all(type: string): readonly Told[] {
    return this.events.filter((event) => event.type === type);
  }

  /** The first such event from `from` on, once it has come. */
  async next(type: string, from = 0, fits: (event: Told) => boolean = () => true): Promise<Told> {
    for (;;) {
      const found = this.events.slice(from).find((event) => event.type === type && fits(event));
      if (found) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed before ${type}; got ${this.#summary()}`);
      await this.#changed.promise;
    }
  }

  /** Position after what has come so far. */
  get mark(): number {
    return this.events.length;
  }

  #summary(): string {
    return JSON.stringify(this.events.slice(-8)).slice(0, 2000);
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
