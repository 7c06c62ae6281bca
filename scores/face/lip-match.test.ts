import { describe, expect, it } from "vitest";
import { measureClosures } from "./closures.ts";
import { frameClasses } from "./frame-classes.ts";
import { chanceMatch, lipMatch, shifted, shuffled, strictLipMatch, type Track } from "./lip-match.ts";
import type { MouthShape } from "./mouth-camera.ts";
import { readVisemeClasses } from "./viseme-classes.ts";

const classes = await readVisemeClasses();
const framesPerSecond = 25;
/** A mouth in the middle of each class that occurs. */
const mouths: Readonly<Record<string, MouthShape>> = {
  m: { aperture: 0, spread: 0, lowerLip: 0.7 },
  u: { aperture: 0.15, spread: -0.8, lowerLip: 1.1 },
  i: { aperture: 0.15, spread: 0.5, lowerLip: 0.95 },
  a: { aperture: 0.6, spread: 0, lowerLip: 1 },
  t: { aperture: 0.2, spread: 0, lowerLip: 1 },
};

/** A sentence of 200 ms a phone, and a mouth that says it, or says another. */
function track(said: string, shown = said) {
  const phones = [...said].map((text, n) => ({ text, startUs: n * 200_000, endUs: (n + 1) * 200_000 }));
  const wanted = frameClasses(phones, classes, { frames: 5 * said.length, framesPerSecond });
  const seen = [...shown].flatMap((text) => Array<MouthShape>(5).fill(mouths[text] as MouthShape));
  return { classes: wanted, mouths: seen, phones } satisfies Track & { phones: unknown };
}

describe("lip match", () => {
  it("is 100 where every mouth is in its class and 0 where none is", () => {
    expect(lipMatch([track("mauita")]).macro).toBe(100);
    expect(lipMatch([track("mauimau", "amiuama")]).macro).toBe(0);
  });

  it("is the mean of the classes, however often each occurs, without the free one", () => {
    const { macro, classes: each } = lipMatch([track("mmmmma", "mmmmmi"), track("t", "m")]);
    expect(macro).toBe(50);
    expect(each.find(({ viseme }) => viseme.free)).toMatchObject({ frames: 5, match: 0 });
  });

  it("lets a frame on a border show either phone, unless it is asked strictly", () => {
    const phones = [
      { text: "m", startUs: 0, endUs: 210_000 },
      { text: "a", startUs: 210_000, endUs: 400_000 },
    ];
    const late = [...Array<MouthShape>(6).fill(mouths["m"] as MouthShape), ...Array<MouthShape>(4).fill(mouths["a"] as MouthShape)];
    const tracks = [{ classes: frameClasses(phones, classes, { frames: 10, framesPerSecond }), mouths: late }];
    expect(lipMatch(tracks).macro).toBe(100);
    expect(strictLipMatch(tracks).macro).toBe(90);
  });

  it("falls to chance when the motion is another sentence's or comes a phone late, and chance is far below a good match", () => {
    const sentences = ["mauiaumiaut", "iaumtuamiua", "uimaatuimai", "amtiuauimam"].map((said) => track(said));
    const chance = chanceMatch(sentences).macro;
    expect(chance).toBeLessThan(35);
    for (const wrong of [shuffled(sentences), shifted(sentences, 5), shifted(sentences, -5)])
      expect(lipMatch(wrong).macro).toBeLessThan(chance + 10);
    expect(lipMatch(shifted(sentences, 0)).macro).toBe(100);
  });

  it("counts a closure that is shown in one frame, and misses one that is not", () => {
    const said = track("amama");
    expect(measureClosures([said], classes, framesPerSecond)).toEqual({ phones: 2, closed: 100, frames: 10, closedFrames: 100 });
    const half = track("amama", "amaaa");
    expect(measureClosures([half], classes, framesPerSecond)).toEqual({ phones: 2, closed: 50, frames: 10, closedFrames: 50 });
    const short = { phones: [{ text: "b", startUs: 25_000, endUs: 35_000 }], mouths: [mouths["m"] as MouthShape] };
    expect(measureClosures([short], classes, framesPerSecond)).toMatchObject({ phones: 1, closed: 100 });
  });
});
