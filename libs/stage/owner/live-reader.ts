import type { AccessUnit, TrackHeader } from "@troupe/contracts";
import { Track } from "@troupe/contracts";
import type { Packet } from "../packet.ts";

export interface LiveReaderEvents {
  onHeader(header: TrackHeader): void;
  onUnit(unit: AccessUnit): void;
  /** A picture was lost; what follows cannot be decoded before the next keyframe. */
  onGap(lost: number): void;
}

/** Reads the av edge: newest wins. After a gap, pictures are skipped up to the next keyframe; sound goes on. */
export class LiveReader {
  readonly #events: LiveReaderEvents;
  #epoch = 0;
  #nextSeq = 0;
  #skipping = false;

  constructor(events: LiveReaderEvents) {
    this.#events = events;
  }

  /** @param fence lowest epoch that is still valid */
  accept(packet: Packet<"av">, fence: number): void {
    const { epoch, seq, body } = packet;
    if (epoch < Math.max(this.#epoch, fence)) return;
    if (epoch > this.#epoch) {
      this.#epoch = epoch;
      this.#nextSeq = 0;
      this.#skipping = false;
    }
    if (seq < this.#nextSeq) return;
    if (seq > this.#nextSeq) this.#lose(seq - this.#nextSeq);
    this.#nextSeq = seq + 1;
    if (body.case === "header") this.#events.onHeader(body.value);
    else if (body.case === "unit") this.#take(body.value);
  }

  #lose(count: number): void {
    this.#skipping = true;
    this.#events.onGap(count);
  }

  #take(unit: AccessUnit): void {
    if (unit.track === Track.VIDEO) {
      if (unit.keyframe) this.#skipping = false;
      if (this.#skipping) return;
    }
    this.#events.onUnit(unit);
  }
}
