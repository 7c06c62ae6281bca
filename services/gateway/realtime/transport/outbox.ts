import { toBinary } from "@bufbuild/protobuf";
import { type AvPacket, AvPacketSchema } from "@troupe/contracts";
import { PictureGate } from "../../session/picture-gate.ts";
import type { RealtimeLimits } from "../limits.ts";
import type { ServerEvent } from "../protocol/server-event.ts";

/** The half of a WebSocket that is written to. */
export interface Wire {
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
}

export interface OutboxDeps {
  readonly wire: Wire;
  readonly limits: Pick<RealtimeLimits, "slowBytes" | "stuckBytes">;
  /** Pictures were left out: decoding can go on at the next keyframe. */
  readonly requestKeyframe: () => void;
  /** Pictures are left out. */
  readonly onSlow: () => void;
  /** More waits than may wait; told once. */
  readonly onStuck: () => void;
}

/** Events and packets to one client. One that reads slowly loses pictures up to the next keyframe, and if that is not enough, the connection. */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #key = crypto.randomUUID().slice(0, 8);
  readonly #gate: PictureGate;
  #sent = 0;
  #stuck = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    const { wire, limits, requestKeyframe, onSlow } = deps;
    this.#gate = new PictureGate({ behind: () => wire.bufferedAmount > limits.slowBytes, requestKeyframe, onBehind: onSlow });
  }

  event(event: ServerEvent): void {
    this.#sent++;
    const { type, ...fields } = event;
    this.#write(JSON.stringify({ type, event_id: `event_${this.#key}${this.#sent}`, ...fields }));
  }

  packet(packet: AvPacket): void {
    this.#write(toBinary(AvPacketSchema, packet));
  }

  /** Whether a packet is left out, so that the client catches up. */
  leavesOut(packet: AvPacket): boolean {
    return this.#gate.leavesOut(packet);
  }

  #write(data: string | Uint8Array): void {
    if (this.#stuck) return;
    const { wire, limits, onStuck } = this.#deps;
    wire.send(data);
    if (wire.bufferedAmount <= limits.stuckBytes) return;
    onStuck();
    this.#stuck = true;
  }
}
