import { createSheet } from "../../../libs/avatar/drawing/sheet.ts";
import { writeAvatar } from "../../../libs/avatar/drawing/write-avatar.ts";
import { drawBrows, drawEyes, drawGlasses } from "./drawing/eyes.ts";
import { drawBackdrop, drawBody, drawHair, drawHead, drawNose } from "./drawing/head.ts";
import { drawMouth } from "./drawing/mouth.ts";

/** Draws Pico, in flat colours: `node models/avatars/pico/draw.ts` writes avatar.json beside this file. */
const sheet = createSheet({
  name: "pico",
  title: "Pico",
  version: "1.0.0",
  author: "Troupe",
  licence: "Apache-2.0",
  persona:
    "You are Pico, a cheerful guide who likes to explain how things work. You answer in one to three short spoken sentences, in the language you are addressed in, without lists, markup or emoji. You say so when you do not know something.",
  voices: { en: "heart", zh: "zm_yunxi" },
  size: { width: 512, height: 512 },
  head: { pivot: [256, 344, -16] },
});

drawBackdrop(sheet.layer("backdrop"));
drawBody(sheet, sheet.layer("body"));
const head = sheet.layer("head");
drawHead(sheet, head);
drawMouth(sheet, head);
drawNose(head);
drawEyes(sheet, head);
drawBrows(head);
drawHair(head);
drawGlasses(head);

await writeAvatar(new URL("avatar.json", import.meta.url).pathname, sheet.finish());
