import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maximalCliques } from "./cliques.ts";

const nodes = ["a", "b", "c", "d", "e", "f"];
const pairs = nodes.flatMap((one, at) => nodes.slice(at + 1).map((other) => one + other));

/** By trying every set. */
function byTrial(isNear: (a: string, b: string) => boolean): string[] {
  const sets = Array.from({ length: 2 ** nodes.length - 1 }, (_, mask) => nodes.filter((_node, at) => ((mask + 1) >> at) & 1));
  const cliques = sets.filter((set) => set.every((one) => set.every((other) => one === other || isNear(one, other))));
  return cliques
    .filter((set) => !cliques.some((other) => other.length > set.length && set.every((one) => other.includes(one))))
    .map(String);
}

describe("maximal cliques", () => {
  it("are those that trying every set finds, each once", () => {
    fc.assert(
      fc.property(fc.subarray(pairs), (near) => {
        const isNear = (a: string, b: string) => near.includes(a < b ? a + b : b + a);
        expect(maximalCliques(nodes, isNear).map(String).sort()).toEqual(byTrial(isNear).sort());
      }),
    );
    expect(maximalCliques([], () => true)).toEqual([]);
  });
});
