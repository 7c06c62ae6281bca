import { type Curve, ellipse, smooth } from "../../../../libs/avatar/drawing/curve.ts";
import { faceMuscles } from "../../../../libs/avatar/drawing/face-muscles.ts";
import { ramp } from "../../../../libs/avatar/drawing/field.ts";
import { type Offset, onSurface, type Surface, type Vertex } from "../../../../libs/avatar/drawing/vertex.ts";

export const cx = 256;
export const eyeY = 214;
export const mouthY = 300;

const head: Surface = {
  z(x, y) {
    const round = 1 - ((x - cx) / 112) ** 2 - ((y - 210) / 160) ** 2;
    return 84 * Math.sqrt(Math.max(0, round));
  },
  follow: (_x, y) => ramp(460, 362, y),
  fields: faceMuscles({ cx, browY: 180, noseY: 262, mouthY }),
};

/** A point of the face, by distance from its middle. */
export function face(dx: number, y: number, extra: Readonly<Record<string, Offset>> = {}): Vertex {
  return onSurface(head, cx + dx, y, extra);
}

/** A point that no muscle moves. */
export function rigid(dx: number, y: number, z: number, follow = 1): Vertex {
  return { x: cx + dx, y, z, follow, offsets: new Map() };
}

type Points = readonly (readonly [number, number])[];

/** A closed smooth outline of the face from one half's points, mirrored. */
export function mirrored(half: Points, place: (dx: number, y: number) => Vertex): Curve {
  const right = half.map(([dx, y]) => place(dx, y));
  const left = half
    .filter(([dx]) => dx !== 0)
    .map(([dx, y]) => place(-dx, y))
    .reverse();
  return smooth([...right, ...left], { closed: true });
}

export function outline(points: Points, place: (dx: number, y: number) => Vertex): Curve {
  return smooth(
    points.map(([dx, y]) => place(dx, y)),
    { closed: true },
  );
}

export function disc(dx: number, y: number, radius: number, place: (dx: number, y: number) => Vertex): Curve {
  return ellipse(radius, radius, (x, dy) => place(dx + x, y + dy));
}

export const depthOf = head.z;
