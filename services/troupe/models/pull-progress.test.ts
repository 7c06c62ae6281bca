import { describe, expect, it } from "vitest";
import { createPullProgress } from "./pull-progress.ts";

const from = "https://example.org/w.bin";
const received = (receivedBytes: number, totalBytes?: number) =>
  ({ kind: "received", id: "tiny", from, receivedBytes, totalBytes }) as const;

function createScreen(isTerminal: boolean) {
  const parts: string[] = [];
  let nowMs = 0;
  const progress = createPullProgress({ isTerminal, write: (more) => void parts.push(more) }, () => nowMs);
  return {
    progress,
    at(ms: number) {
      nowMs = ms;
      return progress;
    },
    text: () => parts.join(""),
  };
}

describe("the progress of a pull", () => {
  it("without a terminal is a line a step, and one every five seconds of a download", () => {
    const screen = createScreen(false);
    screen.progress.show({ kind: "fetching", id: "tiny", from, resumedBytes: 1_000_000 });
    for (const second of [1, 2, 3, 4, 5, 6]) screen.at(second * 1000).show(received(1_000_000 + second * 2_000_000, 21_000_000));
    screen.progress.show({ kind: "fetched", id: "tiny", from, sizeBytes: 21_000_000, fetchMs: 10_000 });
    expect(screen.text().split("\n")).toEqual([
      `tiny: fetching ${from}, 1.0 MB are there already`,
      `tiny: ${from}: 11.0 MB of 21.0 MB (52 %), 2.0 MB/s`,
      `tiny: fetched ${from}, 21.0 MB in 10.0 s`,
      "",
    ]);
  });

  it("on a terminal overwrites the line of a download, and ends it", () => {
    const screen = createScreen(true);
    screen.progress.show({ kind: "fetching", id: "tiny", from, resumedBytes: 0 });
    screen.at(300).show(received(300));
    screen.at(400).show(received(400));
    screen.at(600).show(received(600));
    screen.progress.close();
    expect(screen.text()).toBe(`tiny: fetching ${from}\n\r\x1b[2Ktiny: ${from}: 300 B, 1.0 kB/s\r\x1b[2Ktiny: ${from}: 600 B, 1.0 kB/s\n`);
  });

  it("tells the time of fetching and of converting apart", () => {
    const screen = createScreen(false);
    screen.progress.show({ kind: "pulled", id: "tiny", fetchMs: 1000, installMs: 234, convertMs: 560 });
    expect(screen.text()).toBe("tiny: ready, 1.2 s fetching, 0.6 s converting\n");
  });
});
