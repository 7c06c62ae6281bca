import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createResampler } from "@troupe/audio";
import { createLogger } from "@troupe/service";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readQuestion } from "../ask/question.ts";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { root } from "../places.ts";
import {
  accessibilityProblems,
  ask,
  begin,
  cutConnection,
  launchChromium,
  loudest,
  movement,
  openPage,
  type PageOptions,
  pinOutput,
  setPictureSize,
  speak,
  untilSound,
  untilState,
} from "./page/call-page.ts";
import { comparePictures } from "./page/same-pictures.ts";

/** Budget: 150 s; the whole platform in one process and a real Chromium. */
let platform: Embedded;
let browser: Browser;
let url: string;
let question: Float32Array;
beforeAll(async () => {
  platform = await startEmbedded({ env: process.env, logger: createLogger("test", "error") });
  ({ url } = await platform.serveLive());
  browser = await launchChromium();
  using resampler = await createResampler({ fromHz: 16_000, toHz: 24_000 });
  const spoken = await readQuestion(join(root, "models/questions/hours.wav"));
  if (spoken.kind === "audio") question = resampler.push(spoken.samples);
});
afterAll(async () => {
  await browser?.close();
  await platform?.[Symbol.asyncDispose]();
});

async function open(options: PageOptions = {}): Promise<Page> {
  const page = await openPage(browser, url, options);
  onTestFinished(() => page.context().close());
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  onTestFinished(() => expect(errors).toEqual([]));
  return page;
}

const hours = "What are the opening hours of the museum on Sunday?";
interface Readout {
  readonly underruns: number;
  /** Response that sounds; 0: none. */
  readonly sounding: number;
  readonly sessionId: string;
  readonly voiceToSoundMs: readonly number[];
  readonly silenced: readonly { response: number; atUs: number }[];
}
const readout = (page: Page): Promise<Readout> =>
  page.evaluate(() => (window as unknown as { troupe: { readout(): Readout } }).troupe.readout());

/** Pictures of the docs are made anew only where that is asked for. */
async function keep(name: string, image: Buffer): Promise<void> {
  if (process.env["TROUPE_WRITE_IMAGES"] === "1") await writeFile(join(root, "docs/images", `live-${name}.png`), image);
}

describe("the page", () => {
  it("answers a typed question with sound, a moving picture and captions", async () => {
    const page = await open();
    await page.waitForSelector("#portrait");
    await begin(page);
    await ask(page, hours);
    expect(await movement(page, "#avatar")).toBeGreaterThan(0.005);
    await page.waitForFunction(() => /Sunday.*10.*5/.test(document.getElementById("caption")?.textContent ?? ""));
    await page.click("#transcript-toggle");
    await page.click("#details-toggle");
    await page.waitForSelector("#transcript .theirs");
    await page.waitForFunction(() => document.querySelector("[data-readout=voiceToSound]")?.textContent?.endsWith(")"));
    await keep("desktop", await page.screenshot());
    expect(await page.textContent("#transcript-list")).toMatch(/You.*Sunday.*Mara.*10.*5/);
    expect((await readout(page)).voiceToSoundMs).toHaveLength(1);
    await page.click("#end");
    await untilState(page, "ended");
    expect(await page.textContent("#welcome-text")).toBe("You hung up.");
  });

  it("hears a spoken question and answers it", async () => {
    const page = await open();
    await begin(page);
    await page.waitForFunction(
      () => (window as unknown as { troupe: { readout(): { microphoneDb: number } } }).troupe.readout().microphoneDb < -40,
    );
    await speak(page, question);
    await untilSound(page);
    const { voiceToSoundMs } = await readout(page);
    expect(voiceToSoundMs[0]).toBeGreaterThan(0);
    await page.waitForFunction(() => document.querySelector("#transcript .mine")?.textContent?.includes("Sunday"));
  });

  it("is silent within a moment when the picture is clicked, and says what was heard", async () => {
    const page = await open();
    await begin(page);
    await ask(page, hours);
    await page.click("#picture");
    await page.waitForFunction(() => document.querySelector("#transcript-list [data-cut]"));
    await untilState(page, "listening");
    expect(await loudest(page)).toBeLessThan(0.001);
    expect((await readout(page)).silenced).toHaveLength(1);
    expect(await page.textContent("#transcript-list .theirs")).toContain("…");
  });

  it("is used by keyboard alone, with push-to-talk", async () => {
    const page = await open({ query: "language=en&turns=push-to-talk" });
    const tabTo = async (id: string) => {
      for (let n = 0; n < 20; n++) {
        await page.keyboard.press("Tab");
        if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
      }
      throw new Error(`Tab never reaches #${id}`);
    };
    await tabTo("start");
    await page.keyboard.press("Enter");
    await untilState(page, "listening");
    await tabTo("talk");
    await page.keyboard.down("Space");
    await page.waitForSelector("#talk.pressed");
    await speak(page, question);
    await page.keyboard.up("Space");
    await untilSound(page);
    await page.keyboard.press("Escape");
    await untilState(page, "listening");
    await tabTo("text");
    await page.keyboard.type(hours);
    await page.keyboard.press("Enter");
    await untilSound(page);
    const { sounding } = await readout(page);
    await page.keyboard.type("And where is it?");
    await page.keyboard.press("Enter");
    await page.waitForFunction((before) => {
      const { sounding: now } = (window as unknown as { troupe: { readout(): Readout } }).troupe.readout();
      return now > before;
    }, sounding);
    await tabTo("end");
    await page.keyboard.press("Enter");
    await untilState(page, "ended");
  });

  it.each([false, true])("has nothing for axe to complain of before, in and after a call (dark: %s)", async (dark) => {
    const page = await open({ dark });
    await page.waitForSelector("#portrait");
    expect(await accessibilityProblems(page)).toEqual([]);
    await begin(page);
    await ask(page, hours);
    await page.waitForSelector("#caption:not(:empty)");
    await page.click("#transcript-toggle");
    await page.click("#details-toggle");
    await page.waitForSelector("#details:not([hidden])");
    expect(await accessibilityProblems(page)).toEqual([]);
    if (dark) await keep("dark", await page.screenshot());
    await page.click("#end");
    await untilState(page, "ended");
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it("fits a phone, with everything in reach of a thumb", async () => {
    const page = await open({ width: 360, height: 640 });
    await page.waitForSelector("#portrait");
    await keep("phone-start", await page.screenshot());
    await begin(page);
    await ask(page, hours);
    await page.waitForSelector("#caption:not(:empty)");
    await keep("phone", await page.screenshot());
    const boxes = await page.evaluate(() =>
      [...document.querySelectorAll("button, input")]
        .filter((one) => one.checkVisibility())
        .map((one) => one.getBoundingClientRect().toJSON()),
    );
    expect(boxes.length).toBeGreaterThan(7);
    for (const { left, right, bottom, width, height } of boxes) {
      expect([left >= 0, right <= 360, bottom <= 640]).toEqual([true, true, true]);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(40);
    }
  });

  it("speaks Chinese where that is chosen", async () => {
    const page = await open({ query: "language=zh", width: 390, height: 844 });
    await page.waitForSelector("#portrait");
    expect(await page.textContent("#start")).toBe("开始对话");
    await begin(page);
    expect(await page.getAttribute("main", "lang")).toBe("zh-CN");
  });

  it("says what to do without a microphone, and goes on with typed words", async () => {
    const page = await open({ denied: true });
    await begin(page);
    await page.waitForSelector("#notice:not([hidden])");
    expect(await page.textContent("#notice")).toContain("The microphone is blocked");
    await ask(page, hours);
  });

  it("comes back to the same session after its connection was lost", async () => {
    const page = await open();
    await begin(page);
    const { sessionId } = await readout(page);
    await cutConnection(page);
    await untilState(page, "reconnecting");
    await untilState(page, "listening");
    expect((await readout(page)).sessionId).toBe(sessionId);
    await ask(page, hours);
    expect(await movement(page, "#avatar")).toBeGreaterThan(0.005);
  });

  it("plays through Media Source Extensions where it must, is silent at once there, too, and goes on with the next answer", async () => {
    const page = await open({ query: "language=en&player=mse" });
    await begin(page);
    await pinOutput(page);
    for (const interruptions of [1, 2]) {
      await ask(page, hours);
      expect(await movement(page, "#avatar-video")).toBeGreaterThan(0.005);
      await page.keyboard.press("Escape");
      await untilState(page, "listening");
      expect((await readout(page)).silenced).toHaveLength(interruptions);
      expect(await loudest(page)).toBeLessThan(0.001);
    }
    await ask(page, hours);
    await page.waitForFunction(() => /10.*5/.test(document.getElementById("caption")?.textContent ?? ""));
    expect(await movement(page, "#avatar-video")).toBeGreaterThan(0.005);
    await untilState(page, "listening");
  });

  it("goes on sounding through Media Source Extensions while no pictures are sent, and shows those that come again", async () => {
    const page = await open({ query: "language=en&player=mse" });
    await begin(page);
    await pinOutput(page);
    await setPictureSize(page, 0);
    await ask(page, hours);
    await page.waitForFunction(() => (window as unknown as { troupe: { readout(): Readout } }).troupe.readout().sounding !== 0);
    expect(await loudest(page)).toBeGreaterThan(0.01);
    expect(await movement(page, "#avatar-video")).toBe(0);
    await page.keyboard.press("Escape");
    await untilState(page, "listening");
    await setPictureSize(page, 512);
    await ask(page, hours);
    expect(await movement(page, "#avatar-video")).toBeGreaterThan(0.005);
  });

  it("draws by itself what the server draws", async () => {
    const page = await open({ query: "language=en&render=client" });
    await begin(page);
    await ask(page, hours);
    expect(await movement(page, "#avatar")).toBeGreaterThan(0.005);
    await page.click("#end");
    const { label, mean, p99, png } = await comparePictures(page);
    await keep("client-and-server", Buffer.from(png, "base64"));
    expect(label).toBe("AI-generated");
    // The encoder's loss, measured: 2.0 and 10.5; without the label 4.8 and 141.
    expect(mean).toBeLessThan(3);
    expect(p99).toBeLessThan(16);
  });
});
