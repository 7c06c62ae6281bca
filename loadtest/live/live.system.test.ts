import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, LivePage, launchChromium } from "./browser/index.ts";
import { longAnswerTexts } from "./material/questions.ts";
import { linesOf, type SpokenLine, speakLines } from "./material/spoken-material.ts";
import { interruptAloud } from "./parts/interruption.ts";
import { askAloud, stopTalking } from "./parts/turn.ts";
import { type LivePlatform, startLivePlatform } from "./platform/live-platform.ts";

const question = "What are the opening hours of the museum on Sunday?";
const interruption = "Stop, please, I have another question about the tickets.";

describe("a conversation in the browser", () => {
  let browser: Browser;
  let platform: LivePlatform;
  let lines: readonly SpokenLine[];

  beforeAll(async () => {
    lines = await speakLines(linesOf([question, interruption], "en"));
    [platform, browser] = await Promise.all([startLivePlatform(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.[Symbol.asyncDispose]();
  });

  it("answers a spoken question with sound and a moving mouth, and falls silent when it is interrupted", async () => {
    await using page = await LivePage.open(browser, { url: platform.url, language: "en", signal: AbortSignal.timeout(100_000) });
    // The judge of the mouth needs some calm to compare with, and enough of the answer.
    await page.pause(2);
    const turn = await askAloud(page, lines[0] as SpokenLine, 4);
    expect(turn.cutOff).toBe(false);
    expect(turn.soundS).toBeGreaterThan(turn.voiceEndS);
    expect(turn.speakingS).toBeGreaterThan(turn.voiceEndS);
    const words = turn.recording.events.filter(({ type }) => type === "troupe.response.text").map((event) => String(event["text"]));
    expect(words.join(" ")).toMatch(/\b5\b|five/);
    await stopTalking(page);
    const interrupted = await interruptAloud(page, longAnswerTexts[0] as string, lines[1] as SpokenLine, 1.5);
    expect(interrupted?.cancelledMs).toBeGreaterThan(0);
    expect(interrupted?.heardText).not.toBe("");
    expect((longAnswerTexts[0] as string).startsWith((interrupted?.heardText ?? "?").slice(0, 10))).toBe(true);
    expect(page.problems).toEqual([]);
  });
});
