import libsamplerate from "@alexanderolsen/libsamplerate-js";
import { ServiceError } from "@troupe/errors";

export interface ResamplerOptions {
  /** 1..192000, as toHz. */
  readonly fromHz: number;
  readonly toHz: number;
  /** "fast" (97 dB signal to noise, default), "medium" (121 dB) or "best" (144 dB), as libsamplerate measures them. */
  readonly quality?: "fast" | "medium" | "best";
}

/** Changes the sample rate of one stream. The chunks may have any length; their output joined is that of the whole. */
export interface Resampler extends Disposable {
  /** @returns what can be said so far: nothing at first, as the filter looks some milliseconds ahead */
  push(samples: Float32Array): Float32Array;
  /** The rest of the stream; the output then has ceil(input · toHz / fromHz) samples. A new stream may follow. */
  flush(): Float32Array;
}

const MAX_HZ = 192_000;

/** libsamplerate's band-limited interpolation (Smith and Gossett 1984), compiled to WebAssembly. */
export async function createResampler(options: ResamplerOptions): Promise<Resampler> {
  const { fromHz, toHz, quality = "fast" } = options;
  for (const rateHz of [fromHz, toHz]) {
    if (!Number.isInteger(rateHz) || rateHz < 1 || rateHz > MAX_HZ) {
      throw new ServiceError("AUDIO_FORMAT", `cannot resample ${fromHz} Hz to ${toHz} Hz`);
    }
  }
  if (fromHz === toHz) return { push: (samples) => samples, flush: () => new Float32Array(), [Symbol.dispose]: () => undefined };
  const { SRC_SINC_BEST_QUALITY, SRC_SINC_MEDIUM_QUALITY, SRC_SINC_FASTEST } = libsamplerate.ConverterType;
  const converterType = { fast: SRC_SINC_FASTEST, medium: SRC_SINC_MEDIUM_QUALITY, best: SRC_SINC_BEST_QUALITY }[quality];
  const converter = await libsamplerate.create(1, fromHz, toHz, { converterType });
  let read = 0;
  let written = 0;

  const convert = (samples: Float32Array): Float32Array => (samples.length === 0 ? new Float32Array() : converter.full(samples));

  return {
    push(samples) {
      const output = convert(samples);
      read += samples.length;
      written += output.length;
      return output;
    },
    flush() {
      const missing = Math.ceil((read * toHz) / fromHz) - written;
      // Silence pushes the rest through the filter. A new rate, even the same, starts the converter anew.
      const rest = missing > 0 ? flushed(convert, missing, fromHz, toHz) : new Float32Array();
      converter.inputSampleRate = fromHz;
      read = 0;
      written = 0;
      return rest;
    },
    [Symbol.dispose]: () => converter.destroy(),
  };
}

const FLUSH_INPUT_SAMPLES = 1024;

function flushed(convert: (samples: Float32Array) => Float32Array, length: number, fromHz: number, toHz: number): Float32Array {
  const rest = new Float32Array(length);
  const silence = new Float32Array(Math.ceil(FLUSH_INPUT_SAMPLES * Math.max(1, fromHz / toHz)));
  for (let filled = 0; filled < length; ) {
    const output = convert(silence).subarray(0, length - filled);
    rest.set(output, filled);
    filled += output.length;
  }
  return rest;
}
