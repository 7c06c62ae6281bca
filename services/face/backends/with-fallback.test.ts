import { describe, expect, it } from "vitest";
import { animate, describeFaceBackend } from "./conformance.ts";
import { createPhonesBackend } from "./phones/phones.ts";
import { createStubBackend } from "./stub.ts";
import { chunksOf, hum } from "./synthetic-speech.ts";
import { withFallback } from "./with-fallback.ts";

const create = () => withFallback(createPhonesBackend(), createStubBackend());

describeFaceBackend("phones with a fallback", async () => create());

describe("the fallback", () => {
  const speech = hum("h ɑ l oʊ _ b ɑ b ɑ", 90);
  const silent = { ...speech, phones: [] };

  it("is not asked when the voice tells its phones", async () => {
    expect(await animate(create(), chunksOf(speech, [700]), 25)).toEqual(await animate(createPhonesBackend(), chunksOf(speech, [700]), 25));
  });

  it("animates speech without phones, from its first frame", async () => {
    expect(await animate(create(), chunksOf(silent, [700]), 25)).toEqual(await animate(createStubBackend(), chunksOf(silent, [700]), 25));
  });

  it("is chosen by what the first 80 ms tell, however they are cut", async () => {
    const late = { ...speech, phones: speech.phones.filter(({ startUs }) => startUs >= 80_000) };
    const chosen = await animate(create(), chunksOf(late, [speech.samples.length]), 25);
    expect(chosen).toEqual(await animate(create(), chunksOf(late, [240]), 25));
    expect(chosen).toEqual(await animate(createStubBackend(), chunksOf(late, [240]), 25));
  });

  it("lets go of the speech when its reader leaves", async () => {
    let released = false;
    async function* endless() {
      try {
        for (;;) yield* chunksOf(speech, [4_800]);
      } finally {
        released = true;
      }
    }
    for await (const _ of create().animate(endless(), { framesPerSecond: 25 })) break;
    expect(released).toBe(true);
  });
});
