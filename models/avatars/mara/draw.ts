import { keepApart } from "../../../libs/avatar/drawing/lips.ts";
import { createSheet } from "../../../libs/avatar/drawing/sheet.ts";
import { writeAvatar } from "../../../libs/avatar/drawing/write-avatar.ts";
import { drawBackdrop } from "./drawing/backdrop.ts";
import { drawClothes } from "./drawing/body.ts";
import { drawBrows } from "./drawing/brows.ts";
import { drawEyes } from "./drawing/eyes.ts";
import { drawChin, drawEar, drawSkin } from "./drawing/face.ts";
import { drawFolds } from "./drawing/folds.ts";
import { drawBackHair, drawFrontHair } from "./drawing/hair.ts";
import { drawMouth, mouthLips } from "./drawing/mouth.ts";
import { drawNeck } from "./drawing/neck.ts";
import { drawNose } from "./drawing/nose.ts";

/** Draws Mara: `node models/avatars/mara/draw.ts` writes avatar.json beside this file. */
const sheet = createSheet({
  name: "mara",
  title: "Mara",
  version: "1.0.0",
  author: "Troupe",
  licence: "Apache-2.0",
  persona:
    "You are Mara, a friendly and attentive host. You answer in one to three short spoken sentences, in the language you are addressed in, without lists, markup or emoji. You say so when you do not know something.",
  voices: { en: "heart", zh: "zf_xiaoxiao" },
  size: { width: 512, height: 512 },
  head: { pivot: [256, 330, -20] },
});

drawBackdrop(sheet.layer("backdrop"));
drawBackHair(sheet);
drawNeck(sheet);
drawClothes(sheet, sheet.layer("clothes"));
drawEar(sheet);
drawSkin(sheet);
const head = sheet.layer("face");
drawChin(head);
drawFolds(head);
const mouth = mouthLips();
keepApart(sheet, mouth.upperInner, mouth.lowerInner);
drawMouth(sheet, head, mouth);
drawNose(sheet);
drawEyes(sheet);
drawBrows(sheet);
drawFrontHair(sheet);

await writeAvatar(new URL("avatar.json", import.meta.url).pathname, sheet.finish());
