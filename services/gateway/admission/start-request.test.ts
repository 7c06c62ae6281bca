import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Pacing, StartSchema } from "@troupe/contracts";
import { isServiceError } from "@troupe/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkStart, sampleRates, stageSettings } from "./start-request.ts";

const start = (change: MessageInitShape<typeof StartSchema> = {}) => create(StartSchema, { tenant: "acme", ...change });
const speech = { hotWords: ["Mara"], pronunciations: [] };
const avatar = { name: "Mara", persona: "a guide", voices: { en: "heart" } };

function reasonOf(change: MessageInitShape<typeof StartSchema>): string {
  try {
    checkStart(start(change));
    return "none";
  } catch (thrown) {
    return isServiceError(thrown) ? thrown.reason : "no service error";
  }
}

describe("a start", () => {
  it("is taken as it is and with everything that is allowed", () => {
    expect(reasonOf({})).toBe("none");
    for (const sampleRateHz of sampleRates) expect(reasonOf({ sampleRateHz })).toBe("none");
    for (const language of ["en", "de-AT", "yue", "zh-Hant-TW", "sl-rozaj"]) expect(reasonOf({ language })).toBe("none");
    expect(reasonOf({ greeting: "x".repeat(1000) })).toBe("none");
  });

  it.each(["", "a.b", "acme*", ">", "a b", "../x", "-a", "_shared", "ä", "a\n", "x".repeat(65), "a\0"])(
    "is refused for the tenant %j",
    (tenant) => {
      expect(reasonOf({ tenant })).toBe("INVALID_SUBJECT");
    },
  );

  it("lets no tenant's name reach another subject, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (tenant) => {
        expect(reasonOf({ tenant }) === "none").toBe(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/u.test(tenant) && !tenant.endsWith("\n"));
      }),
    );
  });

  it.each([11_025, 1, 96_000, 4_294_967_295])("is refused for sound of %i Hz", (sampleRateHz) =>
    expect(reasonOf({ sampleRateHz })).toBe("INVALID_REQUEST"),
  );

  it.each(["english", "EN", "e", "en_US", "en-", "en-*", "constructor.prototype", "../en"])(
    "is refused for the language %j",
    (language) => {
      expect(reasonOf({ language })).toBe("INVALID_REQUEST");
    },
  );

  it("is refused for too long a greeting", () => expect(reasonOf({ greeting: "x".repeat(1001) })).toBe("TEXT_TOO_LONG"));
});

describe("the settings of a session's stages", () => {
  it("fit each other: motion comes at the picture's frame rate", () => {
    const { face, compositor } = stageSettings(start({ presentation: { width: 640, height: 360, framesPerSecond: 30 } }), avatar, speech);
    expect(face).toMatchObject({ case: "animation", value: { framesPerSecond: 30 } });
    expect(compositor).toMatchObject({
      case: "presentation",
      value: { width: 640, height: 360, framesPerSecond: 30, sampleRateHz: 24_000, pacing: Pacing.LIVE },
    });
  });

  it("have a picture with captions when the start says nothing of it", () => {
    const { compositor, llm, tts } = stageSettings(start(), avatar, speech);
    expect(compositor).toMatchObject({ value: { width: 512, height: 512, captions: true, framesPerSecond: 25 } });
    expect(llm).toMatchObject({ case: "dialogue", value: { persona: "a guide" } });
    expect(tts).toMatchObject({ case: "synthesis", value: { voices: { en: "heart" }, rate: 1 } });
  });

  it("want interims only of a person who waits", () => {
    expect(stageSettings(start({ language: "de" }), avatar, speech).asr).toMatchObject({
      value: { interims: true, language: "de", hotWords: ["Mara"] },
    });
    expect(stageSettings(start({ asap: true }), avatar, speech).asr).toMatchObject({ value: { interims: false } });
  });

  it("leave the position at which a presenter starts to the owner", () => {
    const { compositor } = stageSettings(start({ presentation: { width: 512, height: 512, startPtsUs: 2n ** 63n } }), avatar, speech);
    expect(compositor).toMatchObject({ value: { startPtsUs: 0n } });
  });
});
