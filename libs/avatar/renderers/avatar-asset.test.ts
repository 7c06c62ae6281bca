import { isServiceError } from "@troupe/errors";
import { describe, expect, it } from "vitest";
import { parseAvatar } from "./avatar-asset.ts";
import { avatarLimits } from "./avatar-limits.ts";

type Json = Record<string, unknown>;

const square: Json = {
  format: "troupe-avatar/1",
  renderer: "vector",
  name: "square",
  title: "Square",
  version: "1.0.0",
  author: "Troupe",
  licence: "Apache-2.0",
  persona: "",
  voices: { en: "any", "zh-Hant": "any" },
  size: { width: 64, height: 64 },
  head: { pivot: [32, 48, 0] },
  points: [8, 8, 0, 1, 56, 8, 0, 1, 56, 56, 0, 1, 8, 56, 0, 1],
  offsets: { jawOpen: [2, 0, 4, 3, 0, 4], "jawOpen&mouthClose": [2, 0, -4] },
  order: [0, 3, 2, 0.5],
  paints: {
    red: "#ff0000",
    soft: {
      linear: [0, 0, 0, 64],
      stops: [
        [0, "#ffffff"],
        [1, "#00000080"],
      ],
      at: 1,
    },
  },
  clips: { all: "M0L1L2L3Z" },
  layers: [{ name: "only", shapes: [{ path: "M0L1 L2C2 3 3Z", fill: "red", clip: "all", opacityBy: { mouthSmileLeft: 0.5 } }] }],
};

function refusal(change: Json | string): { field: string | undefined; message: string } {
  try {
    parseAvatar(typeof change === "string" ? change : { ...square, ...change });
  } catch (thrown) {
    if (isServiceError(thrown, "ASSET_INVALID")) return { field: thrown.metadata.field, message: thrown.message };
    throw thrown;
  }
  throw new Error("accepted");
}

describe("parseAvatar", () => {
  it("reads an asset as text and as a value", () => {
    expect(parseAvatar(square)).toEqual(parseAvatar(JSON.stringify(square)));
  });

  it.each<[string, Json, string]>([
    ["an unknown format", { format: "troupe-avatar/9" }, "format"],
    ["a field it does not know", { script: "alert(1)" }, "(file)"],
    ["a point that is no number", { points: [0, 0, 0, "1"] }, "points"],
    ["NaN", { points: [0, Number.NaN, 0, 1] }, "points"],
    ["infinity", { offsets: { jawOpen: [0, Number.POSITIVE_INFINITY, 0] } }, "offsets.jawOpen"],
    ["a coordinate out of all bounds", { points: [1e12, 0, 0, 1] }, "points"],
    ["half a point", { points: [0, 0, 0, 1, 5] }, "points"],
    ["too many points", { points: new Array(4 * (avatarLimits.points + 1)).fill(0) }, "points"],
    ["an unknown blend shape", { offsets: { jawOpn: [0, 1, 1] } }, "offsets.jawOpn"],
    ["an offset of a point that does not exist", { offsets: { jawOpen: [99, 1, 1] } }, "offsets.jawOpen"],
    ["an order of a point that does not exist", { order: [0, 4, 0, 0.5] }, "order"],
    ["a huge picture", { size: { width: 1e6, height: 64 } }, "size.width"],
    ["a colour by name", { paints: { red: "red" } }, "paints.red"],
    [
      "a gradient carried by no point",
      {
        paints: {
          red: {
            linear: [0, 0, 1, 1],
            stops: [
              [0, "#000000"],
              [1, "#ffffff"],
            ],
            at: 4,
          },
        },
      },
      "paints.red.at",
    ],
    ["a voice of no language", { voices: { english: "any" } }, "voices.english"],
    ["a clip that ends early", { clips: { all: "M0C1 2" } }, "clips.all"],
    ["no layers", { layers: [] }, "layers"],
  ])("refuses %s and names the field", (_what, change, field) => {
    expect(refusal(change).field).toBe(field);
  });

  it.each<[string, Json, string]>([
    ["a path with an unknown operator", { path: "M0 X1", fill: "red" }, "path"],
    ["a path over a missing point", { path: "M0L4", fill: "red" }, "path"],
    ["a path without a start", { path: "L0L1", fill: "red" }, "path"],
    ["a missing paint", { path: "M0L1", fill: "blue" }, "fill"],
    ["a paint that only Object has", { path: "M0L1", fill: "toString" }, "fill"],
    ["a missing clip", { path: "M0L1", fill: "red", clip: "none" }, "clip"],
    ["opacity by an unknown shape", { path: "M0L1", fill: "red", opacityBy: { smile: 1 } }, "opacityBy.smile"],
    ["an endless path", { path: "M0".padEnd(avatarLimits.pathCharacters + 1, " "), fill: "red" }, "path"],
  ])("refuses a shape with %s", (_what, shape, field) => {
    expect(refusal({ layers: [{ name: "only", shapes: [shape] }] }).field).toBe(`layers.0.shapes.0.${field}`);
  });

  it("refuses a layer carried by three points on a line", () => {
    expect(refusal({ layers: [{ name: "only", carriedBy: [0, 1, 1], shapes: [] }] }).field).toBe("layers.0.carriedBy");
  });

  it("refuses text that is no JSON or beyond its size without reading it", () => {
    expect(refusal("{").message).toContain("is not JSON");
    expect(refusal(" ".repeat(avatarLimits.textBytes + 1)).message).toContain("larger than");
  });
});
