import { describe, expect, it } from "vitest";
import { programs } from "./program-table.ts";
import { isBuiltFrom } from "./unpack-copy.ts";

describe("isBuiltFrom", () => {
  const information = (version: string) => Buffer.from(`\0path\tk8s.io\ndep\tk8s.io/kubernetes\tv${version}\th1:abc=\n`);

  it("finds the module and its version in Go's build information", () => {
    expect(isBuiltFrom(information(programs.kube.version), programs.kube)).toBe(true);
  });

  it("refuses another version, and one that only begins alike", () => {
    expect(isBuiltFrom(information("1.34.0"), programs.kube)).toBe(false);
    expect(isBuiltFrom(information(`${programs.kube.version}0`), programs.kube)).toBe(false);
  });
});
