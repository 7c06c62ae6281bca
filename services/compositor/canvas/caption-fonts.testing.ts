import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { GlobalFonts } from "@napi-rs/canvas";
import { drawCaption, wideTextFont } from "@troupe/avatar";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { registerWideFont } from "./caption-fonts.ts";
import { createNodeSurface } from "./node-canvas.ts";

const manifestDir = fileURLToPath(new URL("../../../models", import.meta.url));

export const store = (cacheDir: string) => createModelStore({ manifestDir, cacheDir });
export const hasWideFont = (): boolean => GlobalFonts.has(wideTextFont);
export const register = (): Promise<void> =>
  registerWideFont(store(defaultCacheDir(process.env, homedir())), "default-caption-font-zh", undefined as never);

/** The picture of a caption; boxes for missing characters are the same whatever the characters. */
export function captionOf(text: string): string {
  const { context, read } = createNodeSurface(256, 128);
  drawCaption(context, text, 256, 128);
  return Buffer.from(read()).toString("base64");
}
