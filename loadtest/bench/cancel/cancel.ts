import { AudioCodec, Pacing } from "@troupe/contracts";
import { quantile } from "@troupe/report";
import { seededRandom } from "../../av-offset/random.ts";
import { Caller } from "../../platform/caller.ts";
import { startSilently } from "../../platform/embedded.ts";
import type { Benchmark } from "../benchmark.ts";
import { type InterruptedResponse, interruptOnce } from "./interrupted-response.ts";

const defaultInterrupts = 50;
const earliestMs = 100;
const latestMs = 2500;
const text =
  "You can get here by tram, bus, ferry, bicycle or car, and the nearest stop is right in front of the house, where you will also find the entrance.";

export const cancelBenchmark: Benchmark = {
  name: "cancel",
  description: "from an interrupt to the last presented frame of the response, live, real models",
  counts: `interrupts at random points (default ${defaultInterrupts})`,
  limitS: 240,
  async run({ step, signal, count = defaultInterrupts }) {
    step("loading models");
    await using platform = await startSilently({ asr: "stub", llm: "stub" });
    const options = { width: 512, height: 512, pacing: Pacing.LIVE, audioCodec: AudioCodec.AAC, microphone: false, signal };
    await using caller = await Caller.connect(platform.converse, options);
    const random = seededRandom(11);
    await interruptOnce(caller, text, earliestMs);
    const results: InterruptedResponse[] = [];
    while (results.length < count) {
      signal.throwIfAborted();
      const result = await interruptOnce(caller, text, earliestMs + random() * (latestMs - earliestMs));
      results.push(result);
      if (results.length % 10 === 0) step(`${results.length} of ${count}: last frame ${result.wallMs.toFixed(0)} ms after the interrupt`);
    }
    return reportOf(results);
  },
};

function reportOf(results: readonly InterruptedResponse[]) {
  const row = (name: string, of: (result: InterruptedResponse) => number) => {
    const values = results.map(of);
    return [name, ...[0.5, 0.95, 0.99, 1].map((share) => quantile(values, share).toFixed(1))];
  };
  return {
    title: "Cancelling a response",
    method: [
      `One live session, everything in one process, real voice and face, 512x512 at 25 fps with captions, H.264 and AAC. The avatar says a long sentence; ${results.length} times it is interrupted at a random point ${earliestMs} to ${latestMs} ms after it began (seeded). A first one to warm up is not counted.`,
      "The response's frames are those before its end on the session scale (its start and the presented length, as reported). Media time is from the newest frame at the caller when it interrupted to that end, frame encoding included; wall time is to the arrival of the last of them. The mouth's way to rest, some 200 ms in which nothing is said, comes after and is not counted.",
    ],
    tables: [
      {
        title: "After the interrupt",
        head: ["", "p50", "p95", "p99", "max"],
        rows: [
          row("media time to the response's end, ms", ({ mediaMs }) => mediaMs),
          row("wall time to its last frame, ms", ({ wallMs }) => wallMs),
          row("frames of it that still came", ({ frames }) => frames),
        ],
      },
    ],
    aims: [],
    raw: results,
  };
}
