import { describe, expect, it } from "vitest";
import { readVisemeClasses } from "../face/viseme-classes.ts";
import { chanceAccuracy, type HeardTrack, hearingAccuracy, lateHearing, loudnessHearing, shuffledHearing } from "./hearing-accuracy.ts";

const classes = await readVisemeClasses();
const of = (phones: string) => [...phones].map((phone) => classes.of(phone)[0]);
const track = (known: string, heard: string): HeardTrack => ({
  known: of(known),
  heard: of(heard),
  levelsDb: [...known].map((phone) => (phone === "s" ? -40 : -20)),
});

describe("hearingAccuracy", () => {
  it("averages over classes, not over steps, and leaves silence out", () => {
    expect(hearingAccuracy([track("ɑɑɑɑɑɑsb ", "ɑɑɑɑɑɑɑɑb")]).macro).toBeCloseTo(100 / 3);
  });

  it("counts phones of one class as one", () => {
    expect(hearingAccuracy([track("pbm", "bmp")]).macro).toBe(100);
  });

  it("knows what chance would reach", () => {
    expect(chanceAccuracy([track("ɑɑss", "ssss")]).macro).toBe(50);
  });

  it("fails for what was heard late or elsewhere", () => {
    const tracks = [track("ɑɑɑsssɑɑɑsss", "ɑɑɑsssɑɑɑsss"), track("bbbfffbbbfff", "bbbfffbbbfff")];
    expect(hearingAccuracy(tracks).macro).toBe(100);
    expect(hearingAccuracy(lateHearing(tracks, 3)).macro).toBe(0);
    expect(hearingAccuracy(shuffledHearing(tracks)).macro).toBe(0);
  });

  it("lets the baseline know the loudness alone, learned from the other recordings", () => {
    const tracks = Array.from({ length: 4 }, () => track("ɑɑɑsss", "      "));
    expect(hearingAccuracy(loudnessHearing(tracks)).macro).toBe(100);
    expect(hearingAccuracy(loudnessHearing([track("ɑɑɑbbb", ""), track("ɑɑɑbbb", "")])).macro).toBe(50);
  });
});
