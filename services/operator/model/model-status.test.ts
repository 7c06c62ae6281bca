import type { ModelManifest } from "@troupe/model-store";
import { describe, expect, it } from "vitest";
import { modelObject } from "../testing/objects.ts";
import { type ModelUse, modelStatus, speaks } from "./model-status.ts";

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

function look(over: Parameters<typeof modelObject>[1], found: typeof entry | undefined, status = {}, uses: readonly ModelUse[] = []) {
  const model = { ...modelObject("voice", { ...spec, ...over }), status };
  const { conditions } = modelStatus({ model, entry: found, measured: [], uses }, 0);
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

  const need = (acceleratorClass: string) => ({ acceleratorClass, memoryMebibytes: 1, share: {}, videoEncoder: false });
  const needs = [need("cpu"), need("l4")];
  const measuredTime = "2026-11-22T00:00:00Z";
  const profile = needs.map(({ acceleratorClass }) => ({ acceleratorClass, image: "troupe:1", sessions: 1, measuredTime }));

  it("is profiled when it was measured on every class that it needs", () => {
    expect(look({ needs }, entry, { profile })["Profiled"]).toBe("True Measured");
    expect(look({ needs }, entry, { profile: profile.slice(1) })["Profiled"]).toBe("False NotMeasured");
  });

  it("is not profiled while a pool runs it by an image that it was not measured with", () => {
    const use = (image: string) => [{ pool: "talk", acceleratorClass: "cpu", image }];
    expect(look({ needs }, entry, { profile }, use("troupe:1"))["Profiled"]).toBe("True Measured");
    expect(look({ needs }, entry, { profile }, use("troupe:2"))["Profiled"]).toBe("False ImageNotMeasured");
  });

  it("says what was measured, beside what it said before", () => {
    const now = { acceleratorClass: "cpu", image: "troupe:2", sessions: 5, measuredTime };
    const model = { ...modelObject("voice", { ...spec, needs }), status: { profile } };
    const status = modelStatus({ model, entry, measured: [now], uses: [] }, 0);
    expect(status.profile).toEqual([...profile, now]);
    expect(status.conditions.find(({ type }) => type === "Profiled")?.message).toContain("5 on cpu with troupe:2");
    expect(modelStatus({ model: modelObject("voice", spec), entry, measured: [], uses: [] }, 0).profile).toBeUndefined();
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
