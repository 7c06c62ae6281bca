import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { TensorShape } from "./manifest.ts";
import { type FileField, fieldsOfFile, fieldsOfMessage, type MessageField } from "./protobuf-fields.ts";

/** What a graph says of an input or output. A graph need not declare type and shape of its outputs. */
export interface DeclaredTensor {
  readonly name: string;
  readonly type: string | undefined;
  readonly shape: TensorShape["shape"] | undefined;
}

export interface DeclaredTensors {
  readonly inputs: readonly DeclaredTensor[];
  readonly outputs: readonly DeclaredTensor[];
}

/** Field numbers of onnx.proto (github.com/onnx/onnx). */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const GRAPH_INPUT = 11;
const GRAPH_OUTPUT = 12;
const INITIALIZER_NAME = 8;

/** TensorProto.DataType, as ONNX Runtime calls them. */
const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  1: "float32",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  8: "string",
  9: "bool",
  10: "float16",
  11: "float64",
  12: "uint32",
  13: "uint64",
  16: "bfloat16",
};

/** Longer than any description of a tensor. */
const MAX_MESSAGE_BYTES = 1 << 16;

/**
 * Reads the inputs and outputs of an ONNX file without loading its weights: a few milliseconds whatever its size, and no ONNX
 * Runtime. Weights that old exporters also list as inputs are left out, as in a session's inputNames.
 * @returns a sentence when the file holds no graph
 */
export function readGraphTensors(path: string): DeclaredTensors | string {
  const fd = openSync(path, "r");
  try {
    for (const field of fieldsOfFile(fd, 0, fstatSync(fd).size)) {
      if (field.number === MODEL_GRAPH && field.lengthBytes !== undefined)
        return readGraph(fd, field.start, field.start + field.lengthBytes);
    }
    return "the file holds no ONNX graph";
  } catch (error) {
    if (error instanceof RangeError) return `the file is no ONNX graph (${error.message})`;
    throw error;
  } finally {
    closeSync(fd);
  }
}

function readGraph(fd: number, start: number, end: number): DeclaredTensors {
  const inputs: DeclaredTensor[] = [];
  const outputs: DeclaredTensor[] = [];
  const weights = new Set<string>();
  for (const field of fieldsOfFile(fd, start, end)) {
    if (field.number === GRAPH_INPUT) inputs.push(readTensor(readMessage(fd, field)));
    if (field.number === GRAPH_OUTPUT) outputs.push(readTensor(readMessage(fd, field)));
    if (field.number === GRAPH_INITIALIZER) weights.add(readInitializerName(fd, field));
  }
  return { inputs: inputs.filter((input) => !weights.has(input.name)), outputs };
}

function readInitializerName(fd: number, initializer: FileField): string {
  for (const field of fieldsOfFile(fd, initializer.start, initializer.start + (initializer.lengthBytes ?? 0))) {
    if (field.number === INITIALIZER_NAME) return readMessage(fd, field).toString("utf8");
  }
  return "";
}

function readMessage(fd: number, field: FileField): Buffer {
  const length = field.lengthBytes ?? 0;
  if (length > MAX_MESSAGE_BYTES) throw new RangeError(`a description of ${length} bytes`);
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, field.start));
}

/** ValueInfoProto: name = 1, type = 2; TypeProto: tensor_type = 1; TypeProto.Tensor: elem_type = 1, shape = 2. */
function readTensor(bytes: Buffer): DeclaredTensor {
  const info = fieldsOfMessage(bytes);
  const tensor = inner(inner(info, 2), 1);
  const type = ELEMENT_TYPES[Number(tensor.find((field) => field.number === 1)?.varint ?? 0)];
  const shape = tensor.find((field) => field.number === 2)?.bytes;
  return {
    name: info.find((field) => field.number === 1)?.bytes?.toString("utf8") ?? "",
    type,
    shape: shape && fieldsOfMessage(shape).flatMap((field) => (field.number === 1 && field.bytes ? [readAxis(field.bytes)] : [])),
  };
}

/** TensorShapeProto.Dimension: dim_value = 1, dim_param = 2; neither: open. */
function readAxis(bytes: Buffer): number | string {
  const fields = fieldsOfMessage(bytes);
  const length = fields.find((field) => field.number === 1)?.varint;
  if (length !== undefined) return Number(length);
  return fields.find((field) => field.number === 2)?.bytes?.toString("utf8") || "?";
}

function inner(fields: readonly MessageField[], number: number): readonly MessageField[] {
  const bytes = fields.find((field) => field.number === number)?.bytes;
  return bytes ? fieldsOfMessage(bytes) : [];
}
