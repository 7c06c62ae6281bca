import type { ModelManifest } from "@troupe/model-store";
import { describe, expect, it } from "vitest";
import { modelObject } from "../testing/objects.ts";
import { modelStatus, speaks } from "./model-status.ts";

const sha256 = "a".repeat(64);
const manifest: ModelManifest = {
  id: "voice",
  format: "x",
  stage: "tts",
  roles: [],
  languages: ["en-US"],
  license: "Apache-2.0",
  origin: "",
  description: "",
  files: [],
};
const entry = { manifest, sha256 };
const spec = { manifest: { id: "voice", sha256 } };

function look(over: Parameters<typeof modelObject>[1], found: typeof entry | undefined, status = {}) {
  const model = { ...modelObject("voice", { ...spec, ...over }), status };
  const { conditions } = modelStatus({ model, entry: found }, 0);
  return Object.fromEntries(conditions.map((one) => [one.type, `${one.status} ${one.reason}`]));
}

describe("a model", () => {
  it("is verified when its manifest is the one named", () => {
    expect(look({}, entry)["Verified"]).toBe("True ManifestMatches");
  });

  it.each([
    ["ManifestUnknown", {}, undefined],
    ["ManifestDiffers", {}, { ...entry, sha256: "b".repeat(64) }],
    ["StageDiffers", { stage: "asr" as const }, entry],
    ["LanguageUnserved", { languages: ["en", "zh"] }, entry],
    ["LicenceDiffers", { licence: "MIT" }, entry],
  ])("is not verified, for %s", (reason, over, found) => {
    expect(look(over, found)["Verified"]).toBe(`False ${reason}`);
  });

  it("is profiled when it was measured on every class that it needs", () => {
    const need = (acceleratorClass: string) => ({ acceleratorClass, memoryMebibytes: 1, share: {}, videoEncoder: false });
    const needs = [need("cpu"), need("l4")];
    const profile = needs.map(({ acceleratorClass }) => ({
      acceleratorClass,
      image: "",
      sessions: 1,
      p95Milliseconds: 1,
      measuredTime: "",
    }));
    expect(look({ needs }, entry, { profile })["Profiled"]).toBe("True Measured");
    expect(look({ needs }, entry, { profile: profile.slice(1) })["Profiled"]).toBe("False NotMeasured");
  });
});

describe("a language", () => {
  it.each([
    [["en-US"], "en", true],
    [["en"], "en-GB", true],
    [["en-US"], "en-GB", false],
    [["zh-CN"], "ZH-cn", true],
    [["e"], "en", false],
  ])("of %j serves %s: %s", (served, wanted, is) => {
    expect(speaks(served, wanted)).toBe(is);
  });
});
