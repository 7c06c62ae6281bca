import { type Curve, ellipse, joined, reversed, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import { irisMoves, lowerLidMoves, type SideName, type Sign, sideName, upperLidMoves } from "../../../../libs/avatar/drawing/lids.ts";
import { keepApart } from "../../../../libs/avatar/drawing/lips.ts";
import type { Sheet, SheetLayer } from "../../../../libs/avatar/drawing/sheet.ts";
import { brush, tapered } from "../../../../libs/avatar/drawing/stroke.ts";
import { beside, type Offset, type Vertex } from "../../../../libs/avatar/drawing/vertex.ts";
import { cx, eyeY, head } from "./head-shape.ts";
import { alpha, palette, softStops } from "./palette.ts";

const eyeX = 43;
/** Size of the eyes against the heights and lengths below. */
const size = 1.1;
/** dx from the eye's middle towards the temple, height of the upper and the lower lid's edge. */
const stations = [
  [-14, -4.6, 4.6],
  [-6.5, -9, 7],
  [2.5, -10.6, 8],
  [11, -8.8, 7],
  [17, -5.2, 4],
] as const;
const innerCorner = [-21.5, 2.4] as const;
const outerCorner = [21.5, -1.6] as const;

interface Eye {
  readonly sign: Sign;
  readonly upper: Curve;
  readonly lower: Curve;
  at(dx: number, dy: number, extra?: Record<string, Offset>): Vertex;
  readonly name: SideName;
}

function createEye(sign: Sign): Eye {
  const name = sideName(sign);
  const at = (dx: number, dy: number, extra: Record<string, Offset> = {}): Vertex => {
    const [x, y] = [cx + sign * (eyeX + dx * size), eyeY + dy * size];
    return { x, y, z: head.z(x, y) - 4, follow: 1, offsets: new Map(Object.entries(extra)) };
  };
  const inner = at(...innerCorner);
  const outer = at(...outerCorner);
  const share = (dx: number) => 1 - (dx / 24) ** 2;
  const upper = smooth(
    [inner, ...stations.map(([dx, up, low]) => at(dx, up, upperLidMoves(name, share(dx), (low - up) * size - 1.6 * share(dx)))), outer],
    { measure: "x" },
  );
  const lower = smooth([inner, ...stations.map(([dx, , low]) => at(dx, low, lowerLidMoves(name, share(dx)))), outer], { measure: "x" });
  return { sign, upper, lower, at, name };
}

/** Both eyes with lids and lashes. */
export function drawEyes(sheet: Sheet): void {
  const eyes = ([-1, 1] as const).map(createEye);
  const balls = sheet.layer("eyeballs");
  for (const eye of eyes) {
    keepApart(sheet, eye.upper, eye.lower);
    drawBall(sheet, balls, eye);
  }
  for (const eye of eyes) drawIris(sheet, eye);
  const lids = sheet.layer("lids");
  for (const eye of eyes) {
    drawLidShadow(lids, eye);
    drawLids(lids, eye);
  }
}

const clipOf = (name: SideName) => name("eye").toLowerCase();

function drawBall(sheet: Sheet, layer: SheetLayer, { sign, upper, lower, at, name }: Eye): void {
  const opening = joined(upper, reversed(lower));
  const clip = clipOf(name);
  sheet.clip(clip, opening);
  const options = { clip };
  const centre = at(0, 0);
  layer.fill(opening, {
    radial: [cx + sign * (eyeX - 1), eyeY + 1, 23],
    scale: [1, 0.8],
    stops: [
      [0, "#fffdfa"],
      [0.55, "#f8f1ec"],
      [0.85, "#dcc6bf"],
      [1, "#c09a92"],
    ],
    at: centre,
  });
  layer.fill(
    ellipse(5, 4, (dx, dy) => at(-20 + dx, 2.2 + dy)),
    { radial: [cx + sign * (eyeX - 20.5), eyeY + 2.4, 5.5], stops: softStops("#d9827a", 0.9), at: centre },
    options,
  );
}

/** The iris is a picture that the gaze carries behind the lids. */
function drawIris(sheet: Sheet, { sign, at, name }: Eye): void {
  const look = irisMoves(sign, 7.5);
  const ball = (dx: number, dy: number) => beside(at(0, -2.2, look), dx * size, dy * size);
  const layer = sheet.layer(sign > 0 ? "iris-left" : "iris-right", {
    clip: clipOf(name),
    carriedBy: [ball(-10, 0), ball(10, 0), ball(0, 10)],
  });
  const disc = (r: number, x = 0, y = 0) => ellipse(r, r, (dx, dy) => ball(x + dx, y + dy));
  const middle = ball(0, 0);
  const [ix, iy] = [middle.x, middle.y];
  layer.fill(disc(10.6), {
    radial: [ix, iy, 10.7 * size],
    stops: [
      [0, "#c49a52"],
      [0.34, "#b58a49"],
      [0.52, "#7f8648"],
      [0.78, "#566b3f"],
      [0.9, "#36472f"],
      [1, "#1f2a20"],
    ],
  });
  const fibres = Array.from({ length: 22 }, (_, n) => {
    const angle = (n / 22) * Math.PI * 2 + (n % 3) * 0.06;
    const [from, to] = [4.6, n % 2 === 0 ? 8.6 : 7.4];
    return smooth([ball(Math.cos(angle) * from, Math.sin(angle) * from), ball(Math.cos(angle) * to, Math.sin(angle) * to)]);
  });
  layer.stroke(fibres, 0.6, "#e3d08c70");
  layer.fill(disc(10, 0, 0), {
    linear: [ix, iy - 10, ix, iy + 10],
    stops: [
      [0, "#0d1410a8"],
      [0.4, "#0d141030"],
      [0.62, "#fff3c200"],
      [1, "#fff0b058"],
    ],
  });
  layer.fill(disc(4.7), "#120c0c");
  layer.fill([disc(2.7, -3.4, -4)], "#ffffff");
  layer.fill([disc(1.3, 3.8, 4.2)], "#ffffffb0");
}

function drawLidShadow(layer: SheetLayer, { upper, lower }: Eye): void {
  const lid = upper.segments[2]?.[2] as Vertex;
  layer.fill(joined(upper, reversed(lower)), {
    linear: [0, lid.y, 0, lid.y + 8.5],
    stops: [
      [0, "#40201eb8"],
      [0.4, "#40201e58"],
      [1, "#40201e00"],
    ],
    at: lid,
  });
}

function drawLids(layer: SheetLayer, eye: Eye): void {
  const { sign, upper, lower, at, name } = eye;
  const edge = [upper.start, ...upper.segments.map((segment) => segment[2])];
  const fall = (n: number, amount: number): Record<string, Offset> => ({ [name("eyeBlink")]: [0, amount * (1 - ((n - 3) / 3.4) ** 2)] });
  const crease = smooth([
    at(-21.3, 1, upperLidMoves(name, 0.1, 1)),
    at(-13.5, -9.4, upperLidMoves(name, 0.5, 2.5)),
    at(-4, -15, upperLidMoves(name, 0.5, 4)),
    at(6, -15.8, upperLidMoves(name, 0.5, 4)),
    at(15, -12.6, upperLidMoves(name, 0.5, 3)),
    at(23, -7, upperLidMoves(name, 0.3, 1)),
  ]);
  const lidSkin = joined(crease, reversed(upper));
  const mid = upper.segments[2]?.[2] as Vertex;
  layer.fill(lidSkin, {
    linear: [0, eyeY - 17, 0, eyeY - 8],
    stops: [
      [0, "#d99a80"],
      [0.5, "#eab597"],
      [1, "#c9806a"],
    ],
    at: mid,
  });
  layer.fill(brush([crease.start, ...crease.segments.map((segment) => segment[2])], tapered(2)), alpha("#8a4a3a", 0.8));
  const thickness = [0.8, 1.8, 2.7, 3.3, 3.6, 3.5, 1];
  const wing = at(27, -7, upperLidMoves(name, 0.25, 5));
  const top = smooth([
    edge[0] as Vertex,
    ...edge.slice(1, 6).map((vertex, n) => beside(vertex, 0, -(thickness[n + 1] ?? 0), fall(n + 1, 1.2))),
    wing,
  ]);
  const bottom = smooth([
    edge[0] as Vertex,
    ...edge.slice(1, 6).map((vertex) => beside(vertex, 0, 0.5)),
    beside(edge[6] as Vertex, sign * 0.5, 0.6),
    wing,
  ]);
  layer.fill(joined(top, reversed(bottom)), palette.lash);
  const lashes = [
    [4, 5.4, -7, 1.5],
    [5, 7.4, -6.8, -1.5],
    [5, 9, -6.2, 1.6],
  ].map(([n = 0, dx = 0, dy = 0, along = 0]) => {
    const root = beside(edge[n] as Vertex, sign * along, -1);
    const drop = (amount: number) => ({ [name("eyeBlink")]: [0, amount] as Offset });
    return brush(
      [root, beside(root, sign * dx * 0.3, dy * 0.6, drop(5)), beside(root, sign * dx, dy, drop(12))],
      (t) => 2.3 * (1 - t) ** 0.9,
    );
  });
  layer.fill(lashes, palette.lash);
  const low = [lower.start, ...lower.segments.map((segment) => segment[2])];
  layer.fill(
    brush(
      low.slice(1).map((vertex) => beside(vertex, 0, 0.4)),
      (t) => 0.5 + 1.1 * t,
    ),
    alpha("#6b3a32", 0.75),
  );
  layer.stroke(smooth(low.slice(1, 6).map((vertex) => beside(vertex, 0, -0.8))), 0.9, "#f6cdb868");
  const bag = smooth([
    at(-16, 12, lowerLidMoves(name, 0.6)),
    at(-4, 16.5, lowerLidMoves(name, 0.7)),
    at(10, 15, lowerLidMoves(name, 0.6)),
    at(18, 10, lowerLidMoves(name, 0.4)),
  ]);
  layer.fill(brush([bag.start, ...bag.segments.map((segment) => segment[2])], tapered(1.8)), "#b0654f", {
    opacity: 0.1,
    opacityBy: { [name("eyeSquint")]: 0.5, [name("cheekSquint")]: 0.5, [name("mouthSmile")]: 0.25 },
  });
}
