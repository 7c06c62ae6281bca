import { describe, expect, it } from "vitest";
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from "./index.ts";

const codecs = [
  { name: "A-law", encode: encodeALaw, decode: decodeALaw },
  { name: "mu-law", encode: encodeMuLaw, decode: decodeMuLaw },
] as const;

describe.each(codecs)("G.711 $name", ({ name, encode, decode }) => {
  it("gives back every code that it reads", () => {
    for (let code = 0; code < 256; code++) {
      // Mu-law has two zeros.
      const same = name === "mu-law" && code === 0x7f ? 0xff : code;
      expect(encode(decode(code))).toBe(same);
    }
  });

  it("is never further off than half a step of its segment", () => {
    for (let sample = -32_768; sample <= 32_767; sample += 37) {
      const halfStep = (Math.abs(sample) + 0x84) / 32 + 8.5;
      expect(Math.abs(decode(encode(sample / 32_768)) * 32_768 - sample)).toBeLessThanOrEqual(halfStep);
    }
  });

  it("clips what is too loud and takes NaN for silence", () => {
    expect(encode(7)).toBe(encode(1));
    expect(encode(-7)).toBe(encode(-1));
    expect(encode(Number.NaN)).toBe(encode(0));
  });
});
