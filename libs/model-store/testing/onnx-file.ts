import type { TensorShape } from "../manifest.ts";

/** As onnx.proto numbers them. */
const ELEMENT_TYPES: Readonly<Record<string, number>> = { float32: 1, int64: 7 };

/** Bytes of an ONNX file with these inputs and outputs, some weights and no nodes. */
export function onnxFile(inputs: readonly TensorShape[], outputs: readonly TensorShape[], weights: readonly string[] = []): Buffer {
  const graph = Buffer.concat([
    ...weights.map((name) => bytesField(5, Buffer.concat([bytesField(9, Buffer.alloc(50_000)), bytesField(8, Buffer.from(name))]))),
    ...inputs.map((tensor) => bytesField(11, tensorInfo(tensor))),
    ...outputs.map((tensor) => bytesField(12, tensorInfo(tensor))),
  ]);
  return Buffer.concat([numberField(1, 8), bytesField(2, Buffer.from("for tests")), bytesField(7, graph)]);
}

function tensorInfo({ name, type, shape }: TensorShape): Buffer {
  const axes = shape.map((axis) => bytesField(1, typeof axis === "number" ? numberField(1, axis) : bytesField(2, Buffer.from(axis))));
  const tensor = Buffer.concat([numberField(1, ELEMENT_TYPES[type] ?? 0), bytesField(2, Buffer.concat(axes))]);
  return Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, bytesField(1, tensor))]);
}

function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)]);
}

function bytesField(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}
