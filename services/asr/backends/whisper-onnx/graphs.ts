import { InferenceSession, Tensor } from "onnxruntime-node";
import { pickRows, stackRows } from "./tensor-rows.ts";

/** Keys and values by the names of the graphs' inputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** What the encoder made of one or more sounds, a row each. */
export interface EncodedSounds {
  /** How many states each row has; the longest fills the tensors, the others are padded. */
  readonly states: readonly number[];
  readonly cross: Tensors;
}

export interface DecoderStep {
  /** [rows][tokens given]: the logits after each token. */
  readonly logits: readonly (readonly Float32Array[])[];
  /** [rows][alignment heads]: cross-attention of the last token given, over the encoder's states. */
  readonly alignment: readonly (readonly Float32Array[])[];
  /** Keys and values so far, for the next step. */
  readonly past: Tensors;
}

export interface WhisperGraphs {
  /** @param mel [bands, frames]; the encoder makes a state of every second frame */
  encode(mel: Float32Array, frames: number): Promise<EncodedSounds>;
  /** @param tokens [rows][as many for each row] */
  decode(tokens: readonly (readonly number[])[], past: Tensors | undefined, sounds: EncodedSounds): Promise<DecoderStep>;
}

export interface WhisperGraphFiles {
  readonly encoder: string;
  readonly decoder: string;
}

/** The two ONNX graphs that models/whisper describes. */
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
  return {
    async encode(mel, frames) {
      return { states: [frames / 2], cross: await encoder.run({ mel: new Tensor("float32", mel, [1, bands, frames]) }) };
    },
    async decode(tokens, past, { states, cross }) {
      const count = tokens[0]?.length ?? 0;
      const outputs = await decoder.run({
        tokens: new Tensor("int64", BigInt64Array.from(tokens.flat(), BigInt), [tokens.length, count]),
        states: new Tensor("int64", BigInt64Array.from(states, BigInt), [states.length]),
        ...(past ?? emptyPast(decoder, tokens.length)),
        ...cross,
      });
      return {
        logits: groups(innermostRows(outputs.logits as Tensor), tokens.length),
        alignment: groups(
          innermostRows(outputs.alignment as Tensor).filter((_, index) => (index + 1) % count === 0),
          tokens.length,
        ),
        past: presentAsPast(outputs),
      };
    },
  };
}

/** Several sounds as the rows of one batch. */
export function stackSounds(sounds: readonly EncodedSounds[]): EncodedSounds {
  const [first] = sounds;
  if (first && sounds.length === 1) return first;
  const cross: Record<string, Tensor> = {};
  for (const name of Object.keys(first?.cross ?? {})) cross[name] = stackRows(sounds.map((sound) => sound.cross[name] as Tensor));
  return { states: sounds.flatMap((sound) => sound.states), cross };
}

export function pickSounds(sounds: EncodedSounds, rows: readonly number[]): EncodedSounds {
  return { states: rows.map((row) => sounds.states[row] as number), cross: pickTensors(sounds.cross, rows) };
}

export function pickTensors(tensors: Tensors, rows: readonly number[]): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, pickRows(tensor, rows)]));
}

function innermostRows(tensor: Tensor): Float32Array[] {
  const data = tensor.data as Float32Array;
  const width = tensor.dims.at(-1) as number;
  return Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));
}

function groups<Item>(items: readonly Item[], count: number): Item[][] {
  const size = items.length / count;
  return Array.from({ length: count }, (_, group) => items.slice(group * size, (group + 1) * size));
}

function emptyPast(decoder: InferenceSession, rows: number): Tensors {
  const empty: Record<string, Tensor> = {};
  for (const input of decoder.inputMetadata) {
    if (!input.isTensor || !input.name.startsWith("past_")) continue;
    const [, heads, , size] = input.shape as [unknown, number, unknown, number];
    empty[input.name] = new Tensor("float32", new Float32Array(), [rows, heads, 0, size]);
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
