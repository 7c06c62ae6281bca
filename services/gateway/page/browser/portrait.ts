import { bundledAssets } from "@troupe/client";
import { element } from "./elements.ts";
import type { Layout } from "./layout.ts";
import type { Texts } from "./texts.ts";

const sidePx = 512;

/** The chosen avatar, still, before the call. It is drawn by the module that draws it in calls, label included. */
export async function showPortrait({ picture, avatar }: Layout, base: string, texts: Texts): Promise<void> {
  const name = avatar.value;
  if (name === "") return;
  const assets = bundledAssets(import.meta.url);
  const { paintPortrait } = await import(assets.motionPainter);
  const label = texts.picture(avatar.selectedOptions[0]?.textContent ?? name);
  const canvas = element("canvas", { id: "portrait", class: "portrait", role: "img", "aria-label": label });
  const avatarUrl = new URL(`/v1/avatars/${name}/avatar.json`, base).href;
  const setup = { type: "painter", moduleUrl: assets.motionPainter, fontUrl: assets.labelFont, avatarUrl, label: "AI-generated" };
  await paintPortrait(canvas, { ...setup, width: sidePx, height: sidePx });
  picture.querySelector("#portrait")?.remove();
  picture.prepend(canvas);
}
