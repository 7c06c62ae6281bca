import type { Clock } from "@troupe/timeline";
import { ReorderBuffer, type ReorderPolicy, type SoundPacket, type SoundStep } from "./reorder-buffer.ts";
import type { SoundDecoder } from "./sound-decoder.ts";

/** Takes sound; resolves when it has been heard. */
export type Hear = (samples: Float32Array, sampleRateHz: number) => Promise<void>;

/** How long a missing packet is waited for; on a good network reordering spans less. */
const waitMs = 60;
const maxWaiting = 16;
const maxGapMs = 500;
/** Nothing came for so long: the person's sound goes on as silence, so that what they said can end. */
const starvedMs = 120;
const fillMs = 20;
/** A lost microphone is silent for no longer than this: enough to end what was said. */
const maxFillMs = 3000;
/** Sound that waits to be heard; what comes on top is left out. */
const maxBacklogMs = 3000;

/** A peer's sound from RTP packets to samples in order and without gaps: reordering, concealment, silence where nothing is sent. */
export class Microphone {
  readonly #clock: Clock;
  readonly #hear: Hear;
  readonly #decoder: SoundDecoder;
  readonly #order: ReorderBuffer;
  #cancelDue: (() => void) | undefined;
  #cancelFill: (() => void) | undefined;
  /** Silence made up since the last packet. */
  #filledMs = 0;
  #backlogMs = 0;
  #hearing: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param createDecoder given where its sound goes */
  constructor(clock: Clock, createDecoder: (onSound: (samples: Float32Array) => void) => SoundDecoder, hear: Hear) {
    this.#clock = clock;
    this.#hear = hear;
    this.#decoder = createDecoder((samples) => this.#sounded(samples));
    const policy: ReorderPolicy = { waitMs, maxWaiting, maxGapSamples: (maxGapMs * this.#decoder.sampleRateHz) / 1000 };
    this.#order = new ReorderBuffer(policy, (payload) => this.#decoder.samplesOf(payload));
  }

  push(packet: SoundPacket): void {
    if (this.#closed || packet.payload.length === 0) return;
    this.#carryOut(this.#order.push(packet, this.#clock.nowMs()));
    this.#waitForMore();
  }

  close(): void {
    this.#closed = true;
    this.#cancelDue?.();
    this.#cancelFill?.();
    this.#decoder.close();
  }

  #carryOut(steps: readonly SoundStep[]): void {
    for (const step of steps) {
      if (step.kind === "packet") {
        this.#decoder.decode(step.payload);
        this.#filledMs = 0;
      } else this.#bridge(step.kind, step.samples);
    }
    this.#cancelDue?.();
    this.#cancelDue = undefined;
    const { dueMs } = this.#order;
    if (dueMs === undefined) return;
    const waitMs = Math.max(0, dueMs - this.#clock.nowMs());
    this.#cancelDue = this.#clock.setTimer(waitMs, () => this.#carryOut(this.#order.due(this.#clock.nowMs())));
  }

  /** What was already made up for while nothing came is not made up for again. */
  #bridge(kind: "lost" | "pause", samples: number): void {
    const filled = (this.#filledMs * this.#decoder.sampleRateHz) / 1000;
    const missing = Math.max(0, samples - filled);
    if (missing === 0) return;
    if (kind === "lost") this.#decoder.conceal(missing);
    else this.#decoder.silence(missing);
  }

  #waitForMore(): void {
    this.#cancelFill?.();
    this.#cancelFill = this.#clock.setTimer(starvedMs, () => this.#fill(starvedMs));
  }

  #fill(ms: number): void {
    this.#decoder.silence((ms * this.#decoder.sampleRateHz) / 1000);
    this.#filledMs += ms;
    if (this.#filledMs < maxFillMs) this.#cancelFill = this.#clock.setTimer(fillMs, () => this.#fill(fillMs));
  }

  #sounded(samples: Float32Array): void {
    const ms = (samples.length / this.#decoder.sampleRateHz) * 1000;
    if (this.#closed || this.#backlogMs + ms > maxBacklogMs) return;
    this.#backlogMs += ms;
    // A conversation that fails to hear has said so; the sound that follows is for the next one.
    this.#hearing = this.#hearing
      .then(() => this.#hear(samples, this.#decoder.sampleRateHz))
      .catch(() => undefined)
      .then(() => {
        this.#backlogMs -= ms;
      });
  }
}
