import { InferenceSession, Tensor } from "onnxruntime-node";

/** Keys and values by the names of the graphs' inputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

export interface DecoderStep {
  /** One row of logits per token given. */
  readonly logits: readonly Float32Array[];
  /** Cross-attention of the last token given, one row over the encoder's states per alignment head. */
  readonly alignment: readonly Float32Array[];
  /** Keys and values so far, for the next step. */
  readonly past: Tensors;
}

export interface WhisperGraphs {
  /** @param mel [bands, frames]; @returns keys and values for the decoder's cross-attention, frames / 2 states */
  encode(mel: Float32Array, frames: number): Promise<Tensors>;
  decode(tokens: readonly number[], past: Tensors | undefined, cross: Tensors): Promise<DecoderStep>;
}

export interface WhisperGraphFiles {
  readonly encoder: string;
  readonly decoder: string;
}

/** The two ONNX graphs that models/whisper-tiny-en describes. */
export async function openWhisperGraphs(files: WhisperGraphFiles, bands: number): Promise<WhisperGraphs> {
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // On x64 without VNNI, products of uint8 and int8 would saturate; ONNX Runtime then takes uint8 weights.
    extra: { session: { x64quantprecision: "1" } },
  };
  const encoder = await InferenceSession.create(files.encoder, options);
  const decoder = await InferenceSession.create(files.decoder, options);
  const emptyPast = emptyTensors(decoder);
  return {
    encode: (mel, frames) => encoder.run({ mel: new Tensor("float32", mel, [1, bands, frames]) }),
    async decode(tokens, past, cross) {
      const input = new Tensor("int64", BigInt64Array.from(tokens, BigInt), [1, tokens.length]);
      const outputs = await decoder.run({ tokens: input, ...(past ?? emptyPast), ...cross });
      return {
        logits: rows(outputs.logits as Tensor),
        alignment: rows(outputs.alignment as Tensor).filter((_, index) => (index + 1) % tokens.length === 0),
        past: presentAsPast(outputs),
      };
    },
  };
}

/** The innermost rows of a tensor, without copying. */
function rows(tensor: Tensor): Float32Array[] {
  const data = tensor.data as Float32Array;
  const width = tensor.dims.at(-1) as number;
  return Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));
}

function emptyTensors(decoder: InferenceSession): Tensors {
  const empty: Record<string, Tensor> = {};
  for (const input of decoder.inputMetadata) {
    if (!input.isTensor || !input.name.startsWith("past_")) continue;
    const [, heads, , size] = input.shape as [unknown, number, unknown, number];
    empty[input.name] = new Tensor("float32", new Float32Array(), [1, heads, 0, size]);
  }
  return empty;
}

function presentAsPast(outputs: Tensors): Tensors {
  const past: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(outputs)) {
    if (name.startsWith("present_")) past[name.replace("present_", "past_")] = tensor;
  }
  return past;
}
