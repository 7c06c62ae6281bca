import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureLevel } from "../judge/level.ts";
import { firstSpeaking, idleBound, trackMouth } from "../judge/mouth.ts";
import { firstSound } from "../judge/sound.ts";
import { materialRateHz } from "../material/spoken-material.ts";
import { type Browser, launchChromium } from "./chromium.ts";
import { LivePage } from "./live-page.ts";

/** Repeats what it hears after 300 ms, and opens a mouth while it does, 500 ms after it heard. */
const toyPage = `<!doctype html><button id="start">go</button><canvas id="avatar" width="512" height="512"></canvas><script>
window.troupe = { readout: () => ({ state: "toy" }) };
document.querySelector("#start").onclick = async () => {
  const context = new AudioContext();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const source = context.createMediaStreamSource(stream);
  const analyser = context.createAnalyser();
  const loud = new GainNode(context, { gain: 1 });
  source.connect(new DelayNode(context, { delayTime: 0.3 })).connect(loud).connect(context.destination);
  source.connect(analyser);
  const draw = document.querySelector("#avatar").getContext("2d");
  const wave = new Float32Array(1024);
  let heardMs = -1e9, n = 0;
  const paint = (nowMs) => {
    analyser.getFloatTimeDomainData(wave);
    if (wave.some((value) => Math.abs(value) > 0.05)) heardMs = nowMs;
    const open = nowMs - heardMs > 200 && nowMs - heardMs < 700 ? Math.abs(Math.sin(nowMs / 50)) : 0;
    draw.fillStyle = "rgb(200 180 170)"; draw.fillRect(0, 0, 512, 512);
    draw.fillStyle = "rgb(" + (60 + 20 * (n++ % 2)) + " 20 20)"; draw.fillRect(0, 0, 20, 20);
    draw.fillStyle = "black"; draw.fillRect(220, 320 - 30 * open, 72, 60 * open);
    requestAnimationFrame(paint);
  };
  paint(0);
};
</script>`;

let browser: Browser;
const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(toyPage));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  server.close();
});

describe("recording a page", () => {
  it("tells on one clock when it was spoken to, when it sounded and when its mouth moved", async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const signal = AbortSignal.timeout(60_000);
    await using page = await LivePage.open(browser, { url, language: "en", signal });
    const tone = Float32Array.from({ length: materialRateHz / 5 }, (_, n) => 0.3 * Math.sin((2 * Math.PI * 440 * n) / materialRateHz));
    await page.load("tone", tone);
    await page.pause(1);
    const spokenS = await page.speak("tone", tone, { inS: 0.5 });
    const recording = await page.until(
      ({ startS, output, rateHz }) => startS + output.length / rateHz > spokenS + 1.6,
      10_000,
      "a recording",
    );
    const said = measureLevel({ ...recording, samples: recording.microphone });
    const heard = measureLevel({ ...recording, samples: recording.output });
    const saidS = firstSound(said, spokenS - 0.3, spokenS + 1) ?? Number.NaN;
    const heardS = firstSound(heard, spokenS - 0.3, spokenS + 1.5) ?? Number.NaN;
    expect(recording.oneClock).toBe(true);
    expect(Math.abs(saidS - spokenS)).toBeLessThan(0.015);
    expect(heardS - saidS).toBeGreaterThan(0.3);
    expect(heardS - saidS).toBeLessThan(0.45);
    const track = trackMouth(recording.frames);
    const movedS = firstSpeaking(track, idleBound(track, recording.startS, spokenS), spokenS, spokenS + 1.5) ?? Number.NaN;
    expect(movedS - saidS).toBeGreaterThan(0.15);
    expect(movedS - saidS).toBeLessThan(0.7);
    expect(page.problems).toEqual([]);
  });
});
