import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonLines } from "./watch-lines.ts";

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const read = async (chunks: AsyncIterable<Uint8Array>) => {
  const lines: unknown[] = [];
  for await (const line of jsonLines(chunks)) lines.push(line);
  return lines;
};

describe("the lines of a watch", () => {
  it("are whole however the bytes are cut, also within a character", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: fc.string({ unit: "grapheme" }) }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
        async (objects, sizes) => {
          const bytes = Buffer.from(objects.map((one) => `${JSON.stringify(one)}\n`).join(""));
          expect(await read(chunked(bytes, sizes))).toEqual(objects);
        },
      ),
    );
  });

  it("leave out the one in which the connection broke", async () => {
    expect(await read(chunked(Buffer.from('{"a":1}\n{"b":'), [4]))).toEqual([{ a: 1 }]);
  });

  it("end the watch when they are no JSON, and when one has no end", async () => {
    await expect(read(chunked(Buffer.from("<html>\n"), [7]))).rejects.toMatchObject({ reason: "CLUSTER_UNAVAILABLE" });
    await expect(read(chunked(Buffer.alloc(17 * 1024 * 1024, 0x20), [1 << 20]))).rejects.toMatchObject({ reason: "CLUSTER_UNAVAILABLE" });
  });
});
