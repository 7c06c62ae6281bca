import { Tensor } from "onnxruntime-node";

type Shape = readonly [rows: number, heads: number, height: number, width: number];

/** Joins float32 tensors [1, heads, height, width] to rows of one; heights and widths that differ are filled up with zeros. */
export function stackRows(tensors: readonly Tensor[]): Tensor {
  const shapes = tensors.map((tensor) => tensor.dims as unknown as Shape);
  const heads = shapes[0]?.[1] ?? 0;
  const height = Math.max(...shapes.map((shape) => shape[2]));
  const width = Math.max(...shapes.map((shape) => shape[3]));
  const stacked = new Float32Array(tensors.length * heads * height * width);
  for (const [row, tensor] of tensors.entries()) {
    const [, , ownHeight, ownWidth] = shapes[row] as Shape;
    const data = tensor.data as Float32Array;
    // Lines of equal width lie one after the other, so that a whole head is copied at once.
    const lines = ownWidth === width ? 1 : ownHeight;
    const size = (ownHeight * ownWidth) / lines;
    for (let head = 0; head < heads; head++) {
      for (let line = 0; line < lines; line++) {
        const from = head * ownHeight * ownWidth + line * size;
        stacked.set(data.subarray(from, from + size), ((row * heads + head) * height + line) * width);
      }
    }
  }
  return new Tensor("float32", stacked, [tensors.length, heads, height, width]);
}

/** Some rows of a float32 tensor, in the order given. */
export function pickRows(tensor: Tensor, rows: readonly number[]): Tensor {
  const data = tensor.data as Float32Array;
  const size = data.length / (tensor.dims[0] as number);
  const picked = new Float32Array(rows.length * size);
  for (const [index, row] of rows.entries()) picked.set(data.subarray(row * size, (row + 1) * size), index * size);
  return new Tensor("float32", picked, [rows.length, ...tensor.dims.slice(1)]);
}
