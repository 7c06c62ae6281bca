import { describe, expect, it } from "vitest";
import { avatarObject, pipelineObject } from "../testing/objects.ts";
import { type AvatarSighting, avatarStatus } from "./avatar-status.ts";

const voices = [{ id: "joe", languages: ["en-US"] }];

function look(sighting: Partial<AvatarSighting>) {
  const [condition] = avatarStatus(
    { avatar: avatarObject(), installed: true, pipeline: pipelineObject(), voices, ...sighting },
    0,
  ).conditions;
  return `${condition?.status} ${condition?.reason}`;
}

describe("an avatar", () => {
  it("is accepted when its asset, voices and pipeline exist", () => {
    expect(look({ avatar: avatarObject({ voices: { en: "joe" } }) })).toBe("True AllFound");
  });

  it.each([
    ["BundleUnknown", { installed: false }],
    ["PipelineUnknown", { pipeline: undefined }],
    ["VoiceUnknown", { avatar: avatarObject({ voices: { en: "ann" } }) }],
    ["VoiceOfOtherLanguage", { avatar: avatarObject({ voices: { zh: "joe" } }) }],
  ])("is refused for %s", (reason, sighting) => {
    expect(look(sighting)).toBe(`False ${reason}`);
  });

  it("is accepted with any voice where a synthesiser does not tell which it has", () => {
    expect(look({ avatar: avatarObject({ voices: { en: "ann" } }), voices: undefined })).toBe("True AllFound");
  });
});
