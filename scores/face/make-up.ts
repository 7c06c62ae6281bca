import type { AvatarAsset } from "@troupe/avatar";
import { ServiceError } from "@troupe/errors";

type Shape = AvatarAsset["layers"][number]["shapes"][number];

/** Colours of the make-up: one channel each, so that a channel of a pixel says how much of it the part covers. */
const paints = { inside: "#ff0000", upperLip: "#00ff00", lowerLip: "#0000ff", rest: "#000000" } as const;

/**
 * The avatar with its mouth made up for measuring, as speech scientists do with blue lipstick (Lallouache, "Un poste visage-parole
 * couleur", 1991): the opening red, the upper lip green, the lower lip blue, whatever hides them black. Shapes, motion and drawing are
 * the avatar's own. What only shades the mouth is left out, and so is what lies behind it.
 * The mouth is found by its clip, `mouth`; lips are the fills before it that start in the same corner, the lower lip the second of them.
 * @throws ServiceError ASSET_INVALID: an avatar without such a mouth
 */
export function makeUp(asset: AvatarAsset): AvatarAsset {
  const opening = asset.clips["mouth"];
  const at = asset.layers.findIndex(({ shapes }) => shapes.some((shape) => shape.path === opening));
  const layer = asset.layers[at];
  if (opening === undefined || layer === undefined) throw new ServiceError("ASSET_INVALID", `${asset.name}: no clip "mouth" with a fill`);
  const first = layer.shapes.findIndex(({ path }) => path === opening);
  const corner = /^M\d+/.exec(opening)?.[0] ?? "";
  const lips = layer.shapes.slice(0, first).filter(({ path, fill }) => fill !== undefined && path.startsWith(`${corner}C`));
  const [both] = lips;
  const lower = lips.find(({ path }) => path !== both?.path);
  if (both === undefined || lower === undefined)
    throw new ServiceError("ASSET_INVALID", `${asset.name}: lips that share the mouth's corner were expected before it`);

  const paintOf = (shape: Shape): keyof typeof paints | undefined => {
    if (shape === layer.shapes[first]) return "inside";
    if (shape === both) return "upperLip";
    if (shape === lower) return "lowerLip";
    // Teeth and tongue lie in the opening, which is red already, and shine lies on the lips.
    if (shape.clip === "mouth" || shape.path === opening || lips.includes(shape)) return undefined;
    return isOpaque(asset, shape) ? "rest" : undefined;
  };
  const madeUp = (shape: Shape): Shape[] => {
    const paint = paintOf(shape);
    if (paint === undefined) return [];
    return [{ ...shape, ...(shape.fill && { fill: paint }), ...(shape.stroke && { stroke: { ...shape.stroke, paint } }) }];
  };
  const start = layer.shapes.indexOf(both);
  const above = [{ ...layer, shapes: layer.shapes.slice(start) }, ...asset.layers.slice(at + 1)];
  return { ...asset, paints, layers: above.map((one) => ({ ...one, shapes: one.shapes.flatMap(madeUp) })) };
}

/** Whether the shape hides what it covers. Colours are #rgb, #rrggbb or, see-through, #rrggbbaa. */
function isOpaque({ paints: own }: AvatarAsset, { fill, stroke }: Shape): boolean {
  const paint = own[fill ?? stroke?.paint ?? ""];
  if (paint === undefined) return false;
  const colours = typeof paint === "string" ? [paint] : paint.stops.map(([, colour]) => colour);
  return colours.every((colour) => colour.length !== 9 && colour.length !== 5);
}
