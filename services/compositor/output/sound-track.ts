import type { AudioCodec } from "@troupe/contracts";
import type { ServiceError } from "@troupe/errors";
import { createSoundEncoder, type SoundEncoder } from "../encode/audio-encoder.ts";
import type { EncodedUnit, TrackDescription } from "../encode/video-encoder.ts";

export interface SoundTrackOptions {
  readonly codec: AudioCodec;
  readonly sampleRateHz: number;
  readonly onUnit: (unit: EncodedUnit, track: TrackDescription) => void;
  readonly onError: (error: ServiceError) => void;
}

/** What one encoder makes, from where it took over to where the next one does. */
interface Stretch {
  readonly encoder: SoundEncoder;
  readonly waiting: (readonly [EncodedUnit, TrackDescription])[];
}

/** The sound of a session without gaps, though its encoding may change: units of the old one leave before those of the new one. */
export class SoundTrack {
  readonly #options: SoundTrackOptions;
  /** The first one writes; the others wait until it is through. */
  readonly #stretches: Stretch[] = [];
  #codec: AudioCodec;

  constructor(options: SoundTrackOptions) {
    this.#options = options;
    this.#codec = options.codec;
    this.#open();
  }

  encode(samples: Int16Array, ptsUs: number): void {
    this.#stretches.at(-1)?.encoder.encode(samples, ptsUs);
  }

  /** From the next sound on. */
  change(codec: AudioCodec): void {
    if (codec === this.#codec) return;
    this.#codec = codec;
    const before = this.#stretches.at(-1);
    this.#open();
    if (before) void this.#finish(before);
  }

  async flush(): Promise<void> {
    await this.#stretches.at(-1)?.encoder.flush();
  }

  close(): void {
    for (const { encoder } of this.#stretches) encoder.close();
  }

  #open(): void {
    const waiting: Stretch["waiting"] = [];
    const { sampleRateHz, onError } = this.#options;
    const onUnit = (unit: EncodedUnit, track: TrackDescription) => this.#take(stretch, unit, track);
    const encoder = createSoundEncoder({ codec: this.#codec, sampleRateHz, onError, onUnit });
    const stretch: Stretch = { encoder, waiting };
    this.#stretches.push(stretch);
  }

  #take(stretch: Stretch, unit: EncodedUnit, track: TrackDescription): void {
    if (stretch === this.#stretches[0]) this.#options.onUnit(unit, track);
    else stretch.waiting.push([unit, track]);
  }

  async #finish(stretch: Stretch): Promise<void> {
    try {
      await stretch.encoder.flush();
    } catch {
      // The encoder has reported why; the next one goes on.
    }
    stretch.encoder.close();
    const at = this.#stretches.indexOf(stretch);
    if (at >= 0) this.#stretches.splice(at, 1);
    const head = this.#stretches[0];
    if (at === 0 && head) for (const [unit, track] of head.waiting.splice(0)) this.#options.onUnit(unit, track);
  }
}
