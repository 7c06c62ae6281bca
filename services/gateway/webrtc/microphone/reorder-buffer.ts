/** A packet of sound as it came. */
export interface SoundPacket {
  /** 0..65535, as timestamp modulo 2^32. */
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** What to do next, in the order of the sound. */
export type SoundStep =
  | { readonly kind: "packet"; readonly payload: Uint8Array }
  /** So much was lost. */
  | { readonly kind: "lost"; readonly samples: number }
  /** So much was never sent. */
  | { readonly kind: "pause"; readonly samples: number };

export interface ReorderPolicy {
  /** How long a missing packet is waited for. */
  readonly waitMs: number;
  /** Packets that wait behind a missing one. */
  readonly maxWaiting: number;
  /** Of lost or unsent sound that is made up for, in samples; more is skipped. */
  readonly maxGapSamples: number;
}

/** Longer jumps of the sequence begin a new stream (RFC 3550 appendix A.1, MAX_DROPOUT). */
const maxJump = 3000;

/** Puts packets in order, waits a little for late ones, and tells what is missing. Bounded in time and in number. */
export class ReorderBuffer {
  readonly #policy: ReorderPolicy;
  readonly #samplesOf: (payload: Uint8Array) => number | undefined;
  readonly #waiting = new Map<number, { readonly packet: SoundPacket; readonly atMs: number }>();
  #next: number | undefined;
  #nextTimestamp = 0;
  #started = false;

  constructor(policy: ReorderPolicy, samplesOf: (payload: Uint8Array) => number | undefined) {
    this.#policy = policy;
    this.#samplesOf = samplesOf;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  push(packet: SoundPacket, nowMs: number): SoundStep[] {
    this.#next ??= packet.sequence;
    const ahead = distance(this.#next, packet.sequence);
    if (Math.abs(ahead) > maxJump) {
      this.#waiting.clear();
      this.#next = packet.sequence;
      this.#nextTimestamp = packet.timestamp;
    } else if (ahead < 0) return [];
    this.#waiting.set(packet.sequence, { packet, atMs: nowMs });
    return this.due(nowMs);
  }

  /** Steps that need no more waiting. */
  due(nowMs: number): SoundStep[] {
    const steps: SoundStep[] = [];
    while (this.#waiting.size > 0) {
      const next = this.#waiting.get(this.#next as number);
      if (next) this.#take(next.packet, steps, "pause");
      else if (this.#isOver(nowMs)) this.#take(this.#nearest(), steps, "lost");
      else break;
    }
    return steps;
  }

  /** When `due` should be asked again; undefined: nothing waits. */
  get dueMs(): number | undefined {
    const oldest = this.#oldestMs();
    return oldest === undefined ? undefined : oldest + this.#policy.waitMs;
  }

  #oldestMs(): number | undefined {
    let oldest: number | undefined;
    for (const { atMs } of this.#waiting.values()) if (oldest === undefined || atMs < oldest) oldest = atMs;
    return oldest;
  }

  #isOver(nowMs: number): boolean {
    return this.#waiting.size > this.#policy.maxWaiting || nowMs >= (this.dueMs ?? Number.POSITIVE_INFINITY);
  }

  #nearest(): SoundPacket {
    const [first, ...rest] = [...this.#waiting.values()].map(({ packet }) => packet);
    const ahead = ({ sequence }: SoundPacket) => distance(this.#next as number, sequence);
    return rest.reduce((nearest, packet) => (ahead(packet) < ahead(nearest) ? packet : nearest), first as SoundPacket);
  }

  #take(packet: SoundPacket, steps: SoundStep[], missing: "lost" | "pause"): void {
    const { sequence, timestamp, payload } = packet;
    this.#waiting.delete(sequence);
    const gap = this.#started ? (timestamp - this.#nextTimestamp) | 0 : 0;
    if (gap > 0) steps.push({ kind: missing, samples: Math.min(gap, this.#policy.maxGapSamples) });
    steps.push({ kind: "packet", payload });
    this.#started = true;
    this.#next = (sequence + 1) & 0xffff;
    this.#nextTimestamp = (timestamp + (this.#samplesOf(payload) ?? 0)) >>> 0;
  }
}

/** How far `to` is ahead of `from`, -32768..32767. */
function distance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
