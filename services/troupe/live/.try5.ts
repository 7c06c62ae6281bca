import { createLogger } from "@troupe/service";
import { createResampler } from "@troupe/audio";
import { writeFileSync } from "node:fs";
import { readQuestion } from "../ask/question.ts";
import { startEmbedded } from "../embedded.ts";
import { launchChromium, openPage, begin, speak, untilState, ask, movement, soundLevel } from "./page/call-page.ts";
import { comparePictures } from "./page/same-pictures.ts";
await using platform = await startEmbedded({ env: process.env, logger: createLogger("try", "warn") });
const live = await platform.serveLive();
const browser = await launchChromium();
const log = (page: any) => page.evaluate(() => JSON.stringify((window as any).troupe.events.filter((e: any) => e.type.startsWith("troupe.r") || e.type.startsWith("troupe.u") || e.type.includes("rror") || e.type.startsWith("troupe.h") || e.type.startsWith("troupe.c")).map((e: any) => [Math.round(e.atMs), e.type, e.state ?? "", e.text ?? "", e.error ?? e.message ?? ""])));
try {
  const mse = await openPage(browser, live.url, { query: "language=en&player=mse" });
  mse.on("console", (m) => console.log("console", m.text()));
  await begin(mse);
  await mse.fill("#text", "What are the opening hours of the museum on Sunday?"); await mse.press("#text", "Enter");
  for (let n = 0; n < 6; n++) { await mse.waitForTimeout(600); console.log(await soundLevel(mse), JSON.stringify(await mse.evaluate(() => { const v = document.querySelector("video") as any; return { p: v.paused, t: v.currentTime, e: v.error?.message, r: v.readyState, b: [...Array(v.buffered.length).keys()].map((i) => [v.buffered.start(i), v.buffered.end(i)]), s: (window as any).troupe.readout().sounding, u: (window as any).troupe.readout().underruns }; }))); }
  console.log(await log(mse)); await mse.context().close();
  const page = await openPage(browser, live.url, { query: "language=en&turns=push-to-talk" });
  await begin(page);
  for (let n = 0; n < 20; n++) { await page.keyboard.press("Tab"); if (await page.evaluate(() => document.activeElement?.id) === "talk") break; }
  const q = await readQuestion("models/questions/hours.wav"); using r = await createResampler({ fromHz: 16000, toHz: 24000 });
  await page.keyboard.down("Space");
  await page.waitForSelector("#talk.pressed");
  await speak(page, r.push((q as any).samples));
  await page.keyboard.up("Space");
  for (let n = 0; n < 12; n++) { await page.waitForTimeout(400); process.stdout.write((await soundLevel(page)).toFixed(3) + " "); }
  console.log(await log(page)); await page.context().close();
  const phone = await openPage(browser, live.url, { query: "language=en", width: 360, height: 640 });
  await phone.waitForSelector("#portrait"); await phone.screenshot({ path: "/work/main/docs/images/live-phone-start.png" });
  const { mean, p99, png } = await comparePictures(phone); console.log(mean, p99); writeFileSync("/work/main/docs/images/live-client-and-server.png", Buffer.from(png, "base64"));
  await phone.context().close();
  const desk = await openPage(browser, live.url);
  await desk.waitForSelector("#portrait"); await begin(desk); await desk.click("#transcript-toggle"); await desk.click("#details-toggle");
  await ask(desk, "What are the opening hours of the museum on Sunday?"); await desk.waitForFunction(() => document.querySelector("[data-readout=voiceToSound]")?.textContent?.endsWith(")") && document.querySelector("#transcript .theirs"));
  await desk.screenshot({ path: "/work/main/docs/images/live-desktop.png" });
  console.log(JSON.stringify(await desk.evaluate(() => (window as any).troupe.readout())));
} finally { await browser.close(); }
