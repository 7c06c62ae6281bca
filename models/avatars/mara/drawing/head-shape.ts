import { faceMuscles } from "../../../../libs/avatar/drawing/face-muscles.ts";
import { bump, ramp } from "../../../../libs/avatar/drawing/field.ts";
import { type Offset, onSurface, type Surface, type Vertex } from "../../../../libs/avatar/drawing/vertex.ts";

/** Middle of the face; eyes lie on eyeY. */
export const cx = 256;
export const eyeY = 207;
export const mouthY = 290;
export const chinY = 342;

/** Where points of the head lie in depth and what the face's muscles do to them. */
export const head: Surface = {
  z(x, y) {
    const round = 1 - ((x - cx) / 104) ** 2 - ((y - 205) / 152) ** 2;
    const nose = 13 * bump(x, y, cx, 254, 26, 40) + 8 * bump(x, y, cx, 225, 16, 50);
    const mouth = 7 * bump(x, y, cx, mouthY, 50, 36);
    return 92 * Math.sqrt(Math.max(0, round)) + nose + mouth;
  },
  follow: (_x, y) => ramp(452, 348, y),
  fields: faceMuscles({ cx, browY: 174, noseY: 254, mouthY }),
};

/** A point of the face. */
export function face(x: number, y: number, extra: Readonly<Record<string, Offset>> = {}): Vertex {
  return onSurface(head, x, y, extra);
}

/** The same point on both sides, given the distance from the middle. */
export function faceSide(sign: 1 | -1, dx: number, y: number, extra: Readonly<Record<string, Offset>> = {}): Vertex {
  return onSurface(head, cx + sign * dx, y, extra);
}

/** A point that moves with the head alone, at a depth of its own. */
export function rigid(x: number, y: number, z: number, follow = 1): Vertex {
  return { x, y, z, follow, offsets: new Map() };
}
