import { AudioDecoder, EncodedAudioChunk } from "@napi-rs/webcodecs";
import { opusSamples } from "./opus-packet.ts";

/** Sound of one stream, in order. */
export interface SoundDecoder {
  readonly sampleRateHz: number;
  /** Samples that a packet holds; undefined: it is malformed. */
  samplesOf(payload: Uint8Array): number | undefined;
  decode(payload: Uint8Array): void;
  /** So much is missing here: it sounds like what came before, fading, then silence. */
  conceal(samples: number): void;
  silence(samples: number): void;
  close(): void;
}

export type OnSound = (samples: Float32Array) => void;

const opusRateHz = 48_000;
/** Packets whose sound may be outstanding; the decoder is begun anew beyond it. */
const maxOutstanding = 100;
/** Packets that hold no more than this carry no frame: discontinuous transmission (RFC 6716 §3.2.1). */
const dtxBytes = 2;
/** Of a concealed gap that is not silent. */
const concealedMs = 60;

type Piece = { readonly kind: "packet"; remaining: number } | { readonly kind: "gap" | "silence"; readonly samples: number };

/** Opus over FFmpeg's decoder, mono. Packets that it cannot decode are concealed. */
export class OpusDecoder implements SoundDecoder {
  readonly sampleRateHz = opusRateHz;
  readonly #onSound: OnSound;
  readonly #gaps = new GapFiller(opusRateHz);
  #decoder: AudioDecoder | undefined;
  #pieces: Piece[] = [];
  #decoded = 0;

  constructor(onSound: OnSound) {
    this.#onSound = onSound;
  }

  samplesOf(payload: Uint8Array): number | undefined {
    return opusSamples(payload);
  }

  decode(payload: Uint8Array): void {
    const remaining = opusSamples(payload);
    if (remaining === undefined) return;
    if (payload.length <= dtxBytes) return this.silence(remaining);
    if (this.#pieces.length >= maxOutstanding || this.#decoder?.state === "closed") this.#restart();
    this.#pieces.push({ kind: "packet", remaining });
    this.#decoder ??= this.#open();
    this.#decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: 20_000 * this.#decoded++, data: payload }));
  }

  conceal(samples: number): void {
    this.#pieces.push({ kind: "gap", samples });
    this.#letOut();
  }

  silence(samples: number): void {
    this.#pieces.push({ kind: "silence", samples });
    this.#letOut();
  }

  close(): void {
    this.#pieces = [];
    const decoder = this.#decoder;
    this.#decoder = undefined;
    if (decoder && decoder.state !== "closed") decoder.close();
  }

  #open(): AudioDecoder {
    const decoder: AudioDecoder = new AudioDecoder({
      output: (sound) => {
        const samples = new Float32Array(sound.numberOfFrames);
        sound.copyTo(new Uint8Array(samples.buffer), { planeIndex: 0, format: "f32-planar" });
        sound.close();
        if (decoder === this.#decoder) this.#take(samples);
      },
      error: () => {
        if (decoder === this.#decoder) this.#restart();
      },
    });
    decoder.configure({ codec: "opus", sampleRate: opusRateHz, numberOfChannels: 1 });
    return decoder;
  }

  #take(samples: Float32Array): void {
    const head = this.#pieces[0];
    if (head?.kind !== "packet") return;
    head.remaining -= samples.length;
    if (head.remaining <= 0) this.#pieces.shift();
    this.#gaps.sounded(samples);
    this.#onSound(samples);
    this.#letOut();
  }

  #letOut(): void {
    for (let head = this.#pieces[0]; head && head.kind !== "packet"; head = this.#pieces[0]) {
      this.#pieces.shift();
      this.#onSound(head.kind === "gap" ? this.#gaps.fill(head.samples) : this.#gaps.rest(head.samples));
    }
  }

  /** What was outstanding is lost. */
  #restart(): void {
    const pieces = this.#pieces.map((piece): Piece => (piece.kind === "packet" ? { kind: "gap", samples: piece.remaining } : piece));
    this.close();
    this.#pieces = pieces;
    this.#letOut();
  }
}

/** G.711 (RFC 3551 §4.5.14). */
export class G711Decoder implements SoundDecoder {
  readonly sampleRateHz = 8000;
  readonly #onSound: OnSound;
  readonly #expand: (byte: number) => number;
  readonly #gaps = new GapFiller(8000);

  /** @param expand a byte as a sample of -1..1 */
  constructor(expand: (byte: number) => number, onSound: OnSound) {
    this.#expand = expand;
    this.#onSound = onSound;
  }

  samplesOf(payload: Uint8Array): number | undefined {
    return payload.length > 0 && payload.length <= 960 ? payload.length : undefined;
  }

  decode(payload: Uint8Array): void {
    const samples = Float32Array.from(payload, (byte) => this.#expand(byte));
    this.#gaps.sounded(samples);
    this.#onSound(samples);
  }

  conceal(samples: number): void {
    this.#onSound(this.#gaps.fill(samples));
  }

  silence(samples: number): void {
    this.#onSound(this.#gaps.rest(samples));
  }

  close(): void {}
}

/** Waveform repetition with a fade, as in the appendix of ITU-T G.711 but without its pitch search: enough for words, not for music. */
class GapFiller {
  readonly #fadeSamples: number;
  #last = new Float32Array(0);
  /** Filled since the last sound. */
  #filled = 0;

  constructor(rateHz: number) {
    this.#fadeSamples = (rateHz * concealedMs) / 1000;
  }

  sounded(samples: Float32Array): void {
    this.#last = new Float32Array(samples);
    this.#filled = 0;
  }

  fill(count: number): Float32Array {
    const gap = new Float32Array(count);
    const period = this.#last.length;
    for (let index = 0; index < count && this.#filled + index < this.#fadeSamples && period > 0; index++) {
      const at = this.#filled + index;
      gap[index] = (this.#last[mirrored(at, period)] ?? 0) * (1 - at / this.#fadeSamples);
    }
    this.#filled += count;
    return gap;
  }

  rest(count: number): Float32Array {
    this.#filled = this.#fadeSamples;
    return new Float32Array(count);
  }
}

/** Backwards, then forwards: without a step at the seam. */
function mirrored(at: number, period: number): number {
  const within = at % (2 * period);
  return within < period ? period - 1 - within : within - period;
}
