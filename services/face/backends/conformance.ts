import { isServiceError } from "@troupe/errors";
import { blendShapeNames } from "@troupe/timeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FaceBackend, MotionFrame, SpeechChunk } from "./backend.ts";
import { chunksOf, hum } from "./synthetic-speech.ts";

const headLimit = 0.06;
const lookAheadUs = 80_000;

export interface ConformanceOptions {
  /** In how many ways the speech is cut; default 30. Fewer for a backend that runs a network over all of it each time. */
  readonly cuts?: number;
}

/** What every FaceBackend does. `create` makes a fresh backend, which the suite disposes of. */
export function describeFaceBackend(name: string, create: () => Promise<FaceBackend>, { cuts = 30 }: ConformanceOptions = {}): void {
  const speech = hum("h ə l oʊ _ m aɪ n eɪ m ɪ z b ɑ b _", 90);

  describe(`${name} as a face backend`, () => {
    it.each([25, 30])("covers the speech with frames at %i fps, none skipped", async (framesPerSecond) => {
      await using backend = await create();
      for (const samples of [1, 24_000, 24_001, 30_011, speech.samples.length]) {
        const part = { samples: speech.samples.slice(0, samples), phones: speech.phones };
        const frames = await animate(backend, chunksOf(part, [samples]), framesPerSecond);
        const durationUs = (samples * 1_000_000) / speech.sampleRateHz;
        expect(frames.map((frame) => frame.ptsUs)).toEqual(
          Array.from({ length: Math.ceil((durationUs * framesPerSecond) / 1_000_000 - 1e-6) }, (_, n) =>
            Math.round((n * 1_000_000) / framesPerSecond),
          ),
        );
      }
    });

    it("keeps weights within 0..1 and head accents small, whatever it is fed", async () => {
      await using backend = await create();
      const noise = Int16Array.from({ length: 36_000 }, (_, n) => ((n * 7_919) % 65_536) - 32_768);
      const strange = ["", "p", "\u0000", "🙂", "ˈɑː", "kʰ", "ʘ", "constructor", "i".repeat(50), "b", "w"];
      const phones = strange.map((symbol, n) => ({ symbol, startUs: n * 100_000, endUs: n * 100_000 + (n % 3) * 100_000 }));
      for (const feed of [
        chunksOf(speech, [4_800]),
        chunksOf({ samples: noise, phones }, [960]),
        chunksOf({ samples: noise, phones: [] }, [7_000]),
        chunksOf({ samples: new Int16Array(24_000), phones: [] }, [100]),
      ]) {
        for (const frame of await animate(backend, feed, 25)) expectPlausible(frame);
      }
    });

    it("gives the same frames however the speech is cut", async () => {
      await using backend = await create();
      const whole = await animate(backend, chunksOf(speech, [speech.samples.length]), 30);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 12 }), async (sizes) => {
          expect(await animate(backend, chunksOf(speech, sizes), 30)).toEqual(whole);
        }),
        { numRuns: cuts },
      );
    });

    it("emits a frame once 80 ms of speech beyond it are there", async () => {
      await using backend = await create();
      const chunk = 2_400;
      let receivedUs = 0;
      async function* live(): AsyncGenerator<SpeechChunk> {
        for (const next of chunksOf(speech, [chunk])) {
          receivedUs = next.ptsUs + (next.samples.length * 1_000_000) / next.sampleRateHz;
          yield next;
        }
      }
      const oneChunkUs = (chunk * 1_000_000) / speech.sampleRateHz;
      let seen = 0;
      for await (const frame of backend.animate(live(), { framesPerSecond: 25 })) {
        expect(receivedUs - (frame.ptsUs + 40_000)).toBeLessThan(lookAheadUs + oneChunkUs + 1);
        seen++;
      }
      expect(seen).toBeGreaterThan(10);
    });

    it("gives nothing for nothing", async () => {
      await using backend = await create();
      expect(await animate(backend, [], 25)).toEqual([]);
    });

    it("yields nothing more once aborted", async () => {
      await using backend = await create();
      const abort = new AbortController();
      const frames: MotionFrame[] = [];
      const reading = (async () => {
        for await (const frame of backend.animate(toStream(chunksOf(speech, [4_800])), { framesPerSecond: 25, signal: abort.signal })) {
          frames.push(frame);
          abort.abort();
        }
      })();
      await expect(reading).rejects.toSatisfy((error) => isServiceError(error, "CANCELLED"));
      expect(frames).toHaveLength(1);
    });

    it("keeps concurrent responses apart", async () => {
      await using backend = await create();
      const other = hum("u _ w u i _ s i", 70);
      const alone = [await animate(backend, chunksOf(speech, [999]), 25), await animate(backend, chunksOf(other, [999]), 25)];
      const together = await Promise.all([animate(backend, chunksOf(speech, [999]), 25), animate(backend, chunksOf(other, [999]), 25)]);
      expect(together).toEqual(alone);
    });
  });
}

/** What backends do that follow the speech's time scale. */
export function describeGaps(name: string, create: () => Promise<FaceBackend>): void {
  describe(`${name} between chunks that do not follow each other`, () => {
    const speech = hum("ɑ b _ _ _ m ɑ b", 90);
    const phones = speech.phones.filter(({ symbol }) => symbol !== "");
    const unit = speech.samples.length / 8;
    const [before, silence, after] = [...chunksOf({ ...speech, phones }, [2 * unit, 3 * unit, 3 * unit])] as [
      SpeechChunk,
      SpeechChunk,
      SpeechChunk,
    ];

    it("takes the time between for silence", async () => {
      await using backend = await create();
      expect(await animate(backend, [before, after], 25)).toEqual(await animate(backend, [before, silence, after], 25));
    });

    it("refuses a jump of an hour", async () => {
      await using backend = await create();
      const late = { ...after, phones: [], ptsUs: after.ptsUs + 3_600_000_000 };
      await expect(animate(backend, [before, late], 25)).rejects.toSatisfy((error) => isServiceError(error, "INVALID_REQUEST"));
    });
  });
}

/** All frames of one response. */
export function animate(backend: FaceBackend, chunks: Iterable<SpeechChunk>, framesPerSecond: number): Promise<MotionFrame[]> {
  return Array.fromAsync(backend.animate(toStream(chunks), { framesPerSecond }));
}

async function* toStream(chunks: Iterable<SpeechChunk>): AsyncGenerator<SpeechChunk> {
  yield* chunks;
}

function expectPlausible({ weights, head }: MotionFrame): void {
  expect(weights).toHaveLength(blendShapeNames.length);
  expect(weights.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
  for (const angle of [head.yaw, head.pitch, head.roll]) expect(Math.abs(angle)).toBeLessThanOrEqual(headLimit);
}
