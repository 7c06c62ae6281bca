import type { FaceBackend, SpeechChunk } from "@troupe/face/backends";
import type { Spoken } from "../face/spoken.ts";
import type { Score, ScoreSet } from "../score.ts";

const framesPerSecond = 25;
const frameUs = 1_000_000 / framesPerSecond;
/** Fine enough to see when a frame becomes possible, and a whole fraction of a frame. */
const chunkMs = 10;

/** How much speech beyond its end each frame waited for, when the speech comes in pieces of 10 ms. */
export async function lookAheadScore(face: FaceBackend, set: ScoreSet, spoken: readonly Spoken[]): Promise<Score> {
  const waits: number[] = [];
  for (const one of spoken) waits.push(...(await waitsOf(face, one)));
  waits.sort((a, b) => a - b);
  const longest = waits.at(-1) as number;
  return {
    id: "look-ahead",
    what: "Speech beyond a frame's end before the frame comes",
    set,
    value: longest,
    unit: "ms",
    better: "lower",
    aim: 80,
    spread: { low: waits[0] as number, high: longest, of: "frames" },
    note: `The longest of ${waits.length} frames; speech in pieces of ${chunkMs} ms, each counted as there when the backend takes it. Frames that only the end of the speech sets free do not count.`,
  };
}

/** In milliseconds, of each frame that came before the speech was over. */
async function waitsOf(face: FaceBackend, { samples, sampleRateHz }: Spoken): Promise<number[]> {
  let receivedUs = 0;
  let over = false;
  async function* live(): AsyncGenerator<SpeechChunk> {
    const size = (sampleRateHz * chunkMs) / 1000;
    for (let from = 0; from < samples.length; from += size) {
      const ptsUs = (from * 1_000_000) / sampleRateHz;
      const part = samples.slice(from, from + size);
      receivedUs = ptsUs + (part.length * 1_000_000) / sampleRateHz;
      yield { ptsUs, samples: part, sampleRateHz, phones: [] };
    }
    over = true;
  }
  const waits: number[] = [];
  for await (const { ptsUs } of face.animate(live(), { framesPerSecond })) {
    if (!over) waits.push((receivedUs - (ptsUs + frameUs)) / 1000);
  }
  return waits;
}
