import fc from "fast-check";
import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { pickRows, stackRows } from "./tensor-rows.ts";

const tensor = (heads: number, height: number, width: number, from: number) =>
  new Tensor(
    "float32",
    Float32Array.from({ length: heads * height * width }, (_, index) => from + index),
    [1, heads, height, width],
  );

const at = ({ data, dims }: Tensor, row: number, head: number, y: number, x: number) => {
  const [, heads = 0, height = 0, width = 0] = dims;
  return (data as Float32Array)[((row * heads + head) * height + y) * width + x];
};

/** Every place of a row holds what the part has there, or zero. */
function expectRow(stacked: Tensor, row: number, part: Tensor): void {
  const [, heads = 0, height = 0, width = 0] = stacked.dims;
  const places = Array.from({ length: heads * height * width }, (_, index) => ({
    head: Math.floor(index / (height * width)),
    y: Math.floor(index / width) % height,
    x: index % width,
  }));
  const inside = ({ y, x }: { y: number; x: number }) => y < (part.dims[2] ?? 0) && x < (part.dims[3] ?? 0);
  expect(places.map(({ head, y, x }) => at(stacked, row, head, y, x))).toEqual(
    places.map((place) => (inside(place) ? at(part, 0, place.head, place.y, place.x) : 0)),
  );
}

describe("rows of tensors", () => {
  it("keep every value at its place whichever axis differs, and pad with zeros", () => {
    const size = fc.integer({ min: 1, max: 5 });
    const sizes = fc.array(size, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), size, sizes, fc.boolean(), (heads, fixed, own, wide) => {
        const parts = own.map((length, row) => tensor(heads, wide ? fixed : length, wide ? length : fixed, 1 + row * 1000));
        const stacked = stackRows(parts);
        expect(stacked.dims).toEqual([own.length, heads, wide ? fixed : Math.max(...own), wide ? Math.max(...own) : fixed]);
        for (const [row, part] of parts.entries()) expectRow(stacked, row, part);
      }),
      { numRuns: 40 },
    );
  });

  it("can be picked in any order", () => {
    const stacked = stackRows([tensor(2, 2, 2, 0), tensor(2, 2, 2, 100), tensor(2, 2, 2, 200)]);
    const picked = pickRows(stacked, [2, 0]);
    expect(picked.dims).toEqual([2, 2, 2, 2]);
    expect([...(picked.data as Float32Array)].slice(0, 9)).toEqual([200, 201, 202, 203, 204, 205, 206, 207, 0]);
  });
});
