import type { Offset } from "./vertex.ts";

/** Which side: 1 is the avatar's left, the picture's right. */
export type Sign = 1 | -1;
/** The name of a blend shape on one side. */
export type SideName = (shape: string) => string;

export function sideName(sign: Sign): SideName {
  return (shape) => `${shape}${sign > 0 ? "Left" : "Right"}`;
}

/** How an upper lid's edge moves: `share` of the common motion, and `closing` pixels down to the lower lid. */
export function upperLidMoves(name: SideName, share: number, closing: number): Record<string, Offset> {
  return {
    [name("eyeBlink")]: [0, closing],
    [name("eyeWide")]: [0, -3.6 * share],
    [name("eyeSquint")]: [0, 2.2 * share],
    [name("eyeLookDown")]: [0, 5 * share],
    [name("eyeLookUp")]: [0, -2.6 * share],
    [name("cheekSquint")]: [0, 0.6 * share],
    [name("browDown")]: [0, 1 * share],
  };
}

/** How a lower lid's edge moves. */
export function lowerLidMoves(name: SideName, share: number): Record<string, Offset> {
  return {
    [name("eyeBlink")]: [0, -1.6 * share],
    [name("eyeWide")]: [0, 1 * share],
    [name("eyeSquint")]: [0, -4 * share],
    [name("eyeLookDown")]: [0, 1.6 * share],
    [name("cheekSquint")]: [0, -2.4 * share],
    [name("mouthSmile")]: [0, -1.2 * share],
    [name("noseSneer")]: [0, -1 * share],
  };
}

/** How an iris moves with the gaze, for `reachPx` to the side. */
export function irisMoves(sign: Sign, reachPx: number): Record<string, Offset> {
  const name = sideName(sign);
  return {
    [name("eyeLookIn")]: [-sign * reachPx, 0],
    [name("eyeLookOut")]: [sign * reachPx, 0],
    [name("eyeLookUp")]: [0, -reachPx * 0.67],
    [name("eyeLookDown")]: [0, reachPx * 0.8],
  };
}
