import { ServiceError } from "@troupe/errors";
import type { z } from "zod";
import { parseAssetPath } from "./asset-path.ts";
import { avatarLimits } from "./avatar-limits.ts";
import { avatarSchema } from "./avatar-schema.ts";
import { parseDriver } from "./driver.ts";

/**
 * A drawn avatar as data.
 * - `points`: x, y, z, follow for each point. x right and y down in design pixels; z towards the viewer, for parallax when the
 *   head turns; follow 0..1 says how much of the head's motion the point takes part in (0 chest, 1 face).
 * - `offsets`: per driver (driver.ts) the points it moves: index, dx, dy at weight 1. Offsets of all drivers add up.
 * - `order`: above, below, gapPx, share: after the offsets, `below` stays at least gapPx under `above`; what is missing is
 *   taken from both, `share` of it by moving `above` up. This is what keeps lips and lids from crossing.
 * - `paints`, `clips`: by name. `layers`: painted in order; their shapes too.
 */
export type AvatarAsset = Readonly<z.infer<typeof avatarSchema>>;
export type AvatarPaint = AvatarAsset["paints"][string];
export type AvatarShape = AvatarAsset["layers"][number]["shapes"][number];

/** Checks an avatar given as JSON text or as a parsed value. Throws ASSET_INVALID; the message and `metadata.field` name the field. */
export function parseAvatar(json: unknown): AvatarAsset {
  const parsed = avatarSchema.safeParse(typeof json === "string" ? parseText(json) : json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(issue?.path.join(".") || "(file)", issue?.message ?? "does not fit the schema");
  }
  checkReferences(parsed.data);
  return parsed.data;
}

function parseText(text: string): unknown {
  if (text.length > avatarLimits.textBytes) throw invalid("(file)", `larger than ${avatarLimits.textBytes} bytes`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid("(file)", "is not JSON", cause);
  }
}

function checkReferences(asset: AvatarAsset): void {
  const pointCount = asset.points.length / 4;
  checkOffsets(asset, pointCount);
  checkIndices("order", asset.order, 4, 2, pointCount);
  for (const [name, paint] of Object.entries(asset.paints)) {
    const at = typeof paint === "string" ? undefined : paint.at;
    if (at !== undefined && at >= pointCount) throw invalid(`paints.${name}.at`, `point ${at} does not exist`);
  }
  for (const [name, path] of Object.entries(asset.clips)) checkPath(`clips.${name}`, path, pointCount);
  asset.layers.forEach((layer, l) => {
    checkClip(`layers.${l}.clip`, layer.clip, asset);
    checkCarriers(`layers.${l}.carriedBy`, layer.carriedBy ?? [], asset);
    layer.shapes.forEach((shape, s) => {
      checkShape(`layers.${l}.shapes.${s}`, shape, asset, pointCount);
    });
  });
}

function checkOffsets(asset: AvatarAsset, pointCount: number): void {
  const entries = Object.entries(asset.offsets);
  if (entries.length > avatarLimits.drivers) throw invalid("offsets", `too many drivers: at most ${avatarLimits.drivers}`);
  let total = 0;
  for (const [driver, list] of entries) {
    const field = `offsets.${driver}`;
    if (parseDriver(driver) === undefined) throw invalid(field, "is no blend shape, breath, or `&` of these");
    checkIndices(field, list, 3, 1, pointCount);
    total += list.length / 3;
  }
  if (total > avatarLimits.offsets) throw invalid("offsets", `too many: at most ${avatarLimits.offsets} in all`);
}

function checkIndices(field: string, list: readonly number[], record: number, leading: number, pointCount: number): void {
  for (let at = 0; at < list.length; at++) {
    const value = list[at] as number;
    if (at % record < leading && (!Number.isInteger(value) || value < 0 || value >= pointCount)) {
      throw invalid(field, `item ${at}: point ${value} does not exist`);
    }
  }
}

function checkShape(field: string, shape: AvatarShape, asset: AvatarAsset, pointCount: number): void {
  checkPath(`${field}.path`, shape.path, pointCount);
  for (const [key, name] of [
    ["fill", shape.fill],
    ["stroke.paint", shape.stroke?.paint],
  ] as const) {
    if (name !== undefined && !Object.hasOwn(asset.paints, name)) throw invalid(`${field}.${key}`, `no paint "${name.slice(0, 40)}"`);
  }
  checkClip(`${field}.clip`, shape.clip, asset);
  for (const driver of Object.keys(shape.opacityBy ?? {})) {
    if (parseDriver(driver) === undefined) throw invalid(`${field}.opacityBy.${driver}`, "is no blend shape, breath, or `&` of these");
  }
}

function checkClip(field: string, clip: string | undefined, asset: AvatarAsset): void {
  if (clip !== undefined && !Object.hasOwn(asset.clips, clip)) throw invalid(field, `no clip "${clip.slice(0, 40)}"`);
}

function checkCarriers(field: string, carriers: readonly number[], { points }: AvatarAsset): void {
  if (carriers.length === 0) return;
  checkIndices(field, carriers, 1, 1, points.length / 4);
  const [x0, y0, x1, y1, x2, y2] = carriers.flatMap((point) => [points[4 * point], points[4 * point + 1]]) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (Math.abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) < 1) throw invalid(field, "the three points lie on a line");
}

function checkPath(field: string, path: string, pointCount: number): void {
  const result = parseAssetPath(path, pointCount);
  if (!result.ok) throw invalid(field, result.problem);
}

function invalid(field: string, problem: string, cause?: unknown): ServiceError {
  return new ServiceError("ASSET_INVALID", `avatar asset: ${field}: ${problem}`, { metadata: { field }, cause });
}
