import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GlobalFonts } from "@napi-rs/canvas";
import { drawCaption, wideTextFont } from "@troupe/avatar";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { expect, it, onTestFinished } from "vitest";
import { registerWideFont } from "./caption-fonts.ts";
import { createNodeSurface } from "./node-canvas.ts";

const manifestDir = fileURLToPath(new URL("../../../models", import.meta.url));
const store = (cacheDir: string) => createModelStore({ manifestDir, cacheDir });

/** The picture of a caption; boxes for missing characters are the same whatever the characters. */
function captionOf(text: string): string {
  const { context, read } = createNodeSurface(256, 128);
  drawCaption(context, text, 256, 128);
  return Buffer.from(read()).toString("base64");
}

it("a missing font is told, and no failure", async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), "no-fonts-"));
  onTestFinished(() => rm(cacheDir, { recursive: true }));
  const told: string[] = [];
  const logger = { info: (_: object, text: string) => told.push(text) };
  await registerWideFont(store(cacheDir), "default-caption-font-zh", logger as never);
  expect(told).toEqual([expect.stringContaining("troupe models pull --pack zh")]);
});

it("an empty name asks for no font", async () => {
  await registerWideFont(store("/nowhere"), "", undefined as never);
});

it("Chinese captions have characters of their own once the font is there", async () => {
  expect(GlobalFonts.has(wideTextFont)).toBe(false);
  await registerWideFont(store(defaultCacheDir(process.env, homedir())), "default-caption-font-zh", undefined as never);
  expect(GlobalFonts.has(wideTextFont)).toBe(true);
  expect(captionOf("博物馆")).not.toBe(captionOf("开门时"));
});
