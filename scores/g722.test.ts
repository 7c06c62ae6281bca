import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeG722 } from "./g722.ts";

/** Every value of a code word, in an order that drives the predictors and the output to their limits. */
function anyCodeWords(count: number): Uint8Array {
  let seed = 1;
  return Uint8Array.from({ length: count }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed & 0xff;
  });
}

describe("G.722", () => {
  it("decodes bit for bit as libg722 1.2.8 and FFmpeg 5.1 do", () => {
    const samples = decodeG722(anyCodeWords(8000));
    expect(samples).toHaveLength(16_000);
    expect([...samples.subarray(0, 8)]).toEqual([-1, 0, 0, -1, -1, 1, 0, -5]);
    const hash = createHash("sha256").update(new Uint8Array(samples.buffer)).digest("hex");
    expect(hash).toBe("993dc82271a621c48ec0179cbc3842de4551dade653da6a82527bc9451fe2a67");
  });

  it("decodes nothing to nothing", () => {
    expect(decodeG722(new Uint8Array())).toHaveLength(0);
  });
});
