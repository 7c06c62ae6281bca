import { smooth } from "../../../../libs/avatar/drawing/curve.ts";
import type { Sheet, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import { disc, face, mirrored, outline, rigid } from "./shape.ts";

const skin = "#f0b88f";
const skinShade = "#dd9c72";
const beard = "#8a4a28";
const beardShade = "#733b1f";

export function drawBackdrop(layer: SheetLayer): void {
  const still = (dx: number, y: number) => rigid(dx, y, 0, 0);
  const box = smooth([still(-256, 0), still(256, 0), still(256, 512), still(-256, 512)], { closed: true, tension: 0 });
  layer.fill(box, "#f4d58d");
  layer.fill(disc(0, 250, 214, still), "#f7e3b2");
  layer.fill([disc(-196, 76, 22, still), disc(204, 120, 14, still), disc(-214, 330, 12, still)], "#ec9a6d");
}

export function drawBody(sheet: Sheet, layer: SheetLayer): void {
  const cloth = (dx: number, y: number) => ({
    ...rigid(dx, y, 0, 0),
    offsets: new Map([["breath", [0, -2 - Math.min(1.6, Math.abs(dx) / 90)] as const]]),
  });
  layer.fill(
    mirrored(
      [
        [46, 300],
        [46, 396],
        [60, 440],
        [0, 452],
      ],
      cloth,
    ),
    skinShade,
  );
  const jumper = mirrored(
    [
      [0, 424],
      [54, 404],
      [120, 420],
      [186, 452],
      [220, 530],
      [0, 560],
    ],
    cloth,
  );
  sheet.clip("jumper", jumper);
  layer.fill(jumper, "#2f6f73");
  layer.fill(
    outline(
      [
        [4, 446],
        [90, 380],
        [250, 440],
        [250, 560],
        [-8, 560],
      ],
      cloth,
    ),
    "#27595f",
    { clip: "jumper" },
  );
  layer.fill(
    mirrored(
      [
        [0, 424],
        [50, 392],
        [64, 400],
        [66, 420],
        [0, 452],
      ],
      cloth,
    ),
    "#3a868a",
  );
  layer.stroke(
    [-40, -20, 0, 20, 40].map((dx) => smooth([cloth(dx, 418 - Math.abs(dx) * 0.4), cloth(dx * 1.1, 440 - Math.abs(dx) * 0.4)])),
    2,
    "#2f6f73",
  );
}

export function drawHead(sheet: Sheet, layer: SheetLayer): void {
  for (const sign of [-1, 1] as const) {
    const ear = (dx: number, y: number) => rigid(sign * dx, y, -4);
    layer.fill(
      outline(
        [
          [92, 204],
          [106, 200],
          [112, 216],
          [106, 240],
          [92, 246],
        ],
        ear,
      ),
      sign < 0 ? skin : skinShade,
    );
    layer.fill(
      outline(
        [
          [97, 212],
          [104, 210],
          [106, 218],
          [102, 232],
          [97, 234],
        ],
        ear,
      ),
      "#c98560",
    );
  }
  const contour = [
    [0, 356],
    [34, 352],
    [66, 332],
    [88, 294],
    [97, 250],
    [99, 205],
    [97, 160],
    [76, 108],
    [0, 92],
  ] as const;
  const shape = mirrored(contour, face);
  sheet.clip("head", shape);
  layer.fill(shape, skin);
  layer.fill(
    outline(
      [
        [20, 90],
        [110, 90],
        [120, 370],
        [10, 370],
        [34, 300],
        [20, 200],
      ],
      face,
    ),
    skinShade,
    { clip: "head", opacity: 0.55 },
  );
  const cheek = (sign: 1 | -1) => disc(sign * 58, 262, 15, face);
  layer.fill([cheek(-1), cheek(1)], "#e88e6c", { opacity: 0.55, opacityBy: { mouthSmileLeft: 0.2, mouthSmileRight: 0.2 } });
  const whiskers = mirrored(
    [
      [0, 376],
      [40, 370],
      [78, 344],
      [100, 296],
      [104, 230],
      [94, 232],
      [88, 268],
      [64, 284],
      [36, 278],
      [0, 276],
    ],
    face,
  );
  sheet.clip("beard", whiskers);
  layer.fill(whiskers, beard);
  layer.fill(
    outline(
      [
        [6, 340],
        [70, 300],
        [98, 240],
        [104, 236],
        [100, 296],
        [78, 344],
        [50, 390],
        [10, 392],
      ],
      face,
    ),
    beardShade,
    { clip: "beard", opacity: 0.8 },
  );
}

/** Nose and what only some expressions show. */
export function drawNose(layer: SheetLayer): void {
  layer.fill(
    outline(
      [
        [4, 208],
        [15, 252],
        [22, 264],
        [14, 275],
        [-4, 276],
        [-14, 272],
        [-6, 262],
        [2, 240],
      ],
      face,
    ),
    "#d68f66",
  );
  layer.fill(brush([face(-19, 258), face(-22, 266), face(-15, 273)], tapered(3)), "#c47f58");
  for (const sign of [-1, 1] as const) {
    const side = sign > 0 ? "Left" : "Right";
    layer.fill(brush([face(sign * 26, 258), face(sign * 38, 268), face(sign * 44, 280)], tapered(4)), "#c47f58", {
      opacity: 0,
      opacityBy: { [`mouthSmile${side}`]: 0.8, [`noseSneer${side}`]: 0.8, [`cheekSquint${side}`]: 0.5 },
    });
    layer.fill(brush([face(sign * 44, 290), face(sign * 49, 299), face(sign * 45, 308)], tapered(4)), "#5f2f18", {
      opacity: 0,
      opacityBy: { [`mouthDimple${side}`]: 0.9, [`mouthFrown${side}`]: 0.5, [`mouthPress${side}`]: 0.5 },
    });
    layer.fill(brush([face(sign * 6, 172), face(sign * 8, 186)], tapered(3)), "#c47f58", {
      opacity: 0,
      opacityBy: { [`browDown${side}`]: 0.9 },
    });
  }
  layer.fill(brush([face(-30, 146), face(0, 143), face(30, 146)], tapered(3)), "#d68f66", { opacity: 0, opacityBy: { browInnerUp: 0.9 } });
}

export function drawHair(layer: SheetLayer): void {
  const at = (z: number) => (dx: number, y: number) => rigid(dx, y, z);
  layer.fill(
    outline(
      [
        [-101, 238],
        [-107, 160],
        [-92, 108],
        [-60, 80],
        [0, 64],
        [62, 74],
        [96, 106],
        [108, 160],
        [103, 238],
        [92, 196],
        [88, 150],
        [70, 126],
        [20, 122],
        [-50, 130],
        [-84, 150],
        [-92, 196],
      ],
      at(14),
    ),
    beardShade,
  );
  layer.fill(
    outline(
      [
        [-88, 140],
        [-98, 104],
        [-70, 66],
        [-10, 44],
        [56, 52],
        [92, 84],
        [90, 118],
        [58, 132],
        [10, 120],
        [-40, 130],
      ],
      at(40),
    ),
    beard,
  );
  layer.fill(
    outline(
      [
        [-78, 108],
        [-56, 78],
        [0, 58],
        [50, 64],
        [10, 76],
        [-40, 96],
      ],
      at(44),
    ),
    "#a25c35",
  );
}
