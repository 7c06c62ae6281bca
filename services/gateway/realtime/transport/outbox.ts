import { toBinary } from "@bufbuild/protobuf";
import { type AvPacket, AvPacketSchema, Track } from "@troupe/contracts";
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
  #sent = 0;
  #skipping = false;
  #asked = false;
  #stuck = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
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
  leavesOut({ body }: AvPacket): boolean {
    if (body.case !== "unit" || body.value.track === Track.AUDIO) return false;
    const { wire, limits, requestKeyframe, onSlow } = this.#deps;
    const slow = wire.bufferedAmount > limits.slowBytes;
    if (slow) onSlow();
    if (body.value.track === Track.MOTION) return slow;
    if (slow) {
      this.#skipping = true;
      this.#asked = false;
    } else if (body.value.keyframe) this.#skipping = false;
    else if (this.#skipping && !this.#asked) {
      this.#asked = true;
      requestKeyframe();
    }
    return this.#skipping;
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
