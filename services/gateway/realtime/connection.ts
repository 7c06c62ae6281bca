import { ServiceError } from "@troupe/errors";
import type { RawData, WebSocket } from "ws";
import type { Principal } from "../access/principal.ts";
import type { LiveDeps } from "../http/live-deps.ts";
import type { LiveSession } from "../session/live-session.ts";
import { RealtimeClient } from "./client.ts";
import { closeCodes } from "./close-codes.ts";
import type { ConnectionRequest } from "./connection-options.ts";
import type { RealtimeLimits } from "./limits.ts";
import { errorEvent } from "./protocol/error-event.ts";
import { Inbox } from "./transport/inbox.ts";
import { Liveness } from "./transport/liveness.ts";
import { Outbox } from "./transport/outbox.ts";
import { Pace } from "./transport/pace.ts";

export interface ConnectionDeps {
  readonly live: LiveDeps;
  readonly limits: RealtimeLimits;
  /** Of each session, the connection that follows it. */
  readonly followers: Map<string, RealtimeConnection>;
}

/** A peer that does not answer the closing of its socket is dropped after so long. */
const closingMs = 2000;

/** A client's socket: what comes in is queued, what goes out is bounded, and a peer that is gone is noticed. */
export class RealtimeConnection {
  readonly #deps: ConnectionDeps;
  readonly #socket: WebSocket;
  readonly #client: RealtimeClient;
  readonly #inbox: Inbox;
  readonly #liveness: Liveness;
  readonly #out: Outbox;
  #session: LiveSession | undefined;
  #closing: (() => void) | undefined;

  constructor(deps: ConnectionDeps, socket: WebSocket, principal: Principal, request: ConnectionRequest) {
    const { live, limits } = deps;
    const { clock } = live;
    this.#deps = deps;
    this.#socket = socket;
    const pace = new Pace(clock, limits.messagesPerSecond, limits.messageBurst);
    this.#out = new Outbox({
      wire: socket,
      limits,
      requestKeyframe: () => this.#session?.conversation.requestKeyframe(0),
      onSlow: () => this.#session?.congested(),
      onStuck: () => this.#closeSlow(),
    });
    this.#client = new RealtimeClient({
      live,
      limits,
      principal,
      request,
      pace,
      out: this.#out,
      onSession: (session) => this.#follow(session),
      close: (code, reason) => this.close(code, reason),
    });
    this.#inbox = new Inbox({
      clock,
      pace,
      limits,
      handle: (text) => this.#client.message(text),
      flow: (paused) => (paused ? socket.pause() : socket.resume()),
    });
    this.#liveness = new Liveness({
      clock,
      limits,
      ping: () => socket.ping(),
      deaf: () => this.#inbox.paused,
      onDead: () => socket.terminate(),
    });
    socket.on("message", (data, binary) => this.#onMessage(data, binary));
    socket.on("pong", () => this.#liveness.heard());
    socket.on("close", () => void this.#onClose());
    this.#client.start();
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#inbox.stop();
    this.#socket.resume();
    this.#socket.close(code, reason.slice(0, 120));
    this.#closing = this.#deps.live.clock.setTimer(closingMs, () => this.#socket.terminate());
  }

  #onMessage(data: RawData, binary: boolean): void {
    this.#liveness.heard();
    if (binary) return this.#client.refuse(new ServiceError("INVALID_REQUEST", "events are text, not binary"));
    this.#inbox.push(data.toString());
  }

  /** A client that lost its connection and came back leaves the lost one behind. */
  #follow(session: LiveSession): void {
    this.#session = session;
    const { followers } = this.#deps;
    followers.get(session.id)?.close(closeCodes.replaced, "another connection resumed the session");
    followers.set(session.id, this);
  }

  #closeSlow(): void {
    this.#socket.send(JSON.stringify(errorEvent(new ServiceError("QUEUE_FULL", "the client reads too slowly"))));
    this.close(closeCodes.slowReader, "QUEUE_FULL");
  }

  async #onClose(): Promise<void> {
    const { followers, live } = this.#deps;
    this.#closing?.();
    this.#inbox.stop();
    this.#liveness.stop();
    if (this.#session && followers.get(this.#session.id) === this) followers.delete(this.#session.id);
    await this.#client.leave().catch((thrown: unknown) => live.logger.error({ err: thrown }, "a client could not leave"));
  }
}
