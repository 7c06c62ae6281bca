import { z } from "zod";
import { avatarLimits as limits } from "./avatar-limits.ts";

/** Flat lists of finite numbers in records of `record` numbers. One check over the list: assets hold tens of thousands. */
function numbers(record: number, maxRecords: number, bound: number) {
  return z.custom<readonly number[]>().superRefine((value, context) => {
    const problem = listProblem(value, record, maxRecords, bound);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });
}

function listProblem(value: unknown, record: number, maxRecords: number, bound: number): string | undefined {
  if (!Array.isArray(value)) return "expected a list of numbers";
  if (value.length > record * maxRecords) return `too many: ${value.length / record} records, at most ${maxRecords}`;
  if (value.length % record !== 0) return `length ${value.length} is not a multiple of ${record}`;
  const at = value.findIndex((item) => typeof item !== "number" || !(Math.abs(item) <= bound));
  return at < 0 ? undefined : `item ${at} is not a finite number within +-${bound}`;
}

const px = z.number().min(-limits.coordinatePx).max(limits.coordinatePx);
const index = z.int().min(0);
const colour = z.string().regex(/^#(?:[0-9a-f]{6}|[0-9a-f]{8})$/, "expected #rrggbb or #rrggbbaa in lower case");
const slug = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "expected lower-case letters, digits and dashes");
const path = z.string().min(1).max(limits.pathCharacters);
const driver = z.string().max(120);

const stops = z
  .array(z.tuple([z.number().min(0).max(1), colour]))
  .min(2)
  .max(limits.stopsPerPaint);

/** `at`: index of the point that carries the gradient along; without it the gradient stays where it was drawn. */
const paint = z.union([
  colour,
  z.strictObject({ linear: z.tuple([px, px, px, px]), stops, at: index.optional() }),
  z.strictObject({
    /** Centre and radius, before `scale` (along the axes) and `turn` (radians). */
    radial: z.tuple([px, px, z.number().positive().max(limits.coordinatePx)]),
    scale: z.tuple([z.number().positive().max(100), z.number().positive().max(100)]).optional(),
    turn: z.number().min(-7).max(7).optional(),
    stops,
    at: index.optional(),
  }),
]);

const shape = z
  .strictObject({
    path,
    fill: z.string().optional(),
    stroke: z.strictObject({ paint: z.string(), widthPx: z.number().positive().max(256) }).optional(),
    clip: z.string().optional(),
    opacity: z.number().min(0).max(1).optional(),
    /** Added to `opacity` per unit of a driver; the sum is clamped to 0..1. */
    opacityBy: z.record(driver, z.number().min(-16).max(16)).optional(),
  })
  .refine((value) => value.fill !== undefined || value.stroke !== undefined, { message: "neither fill nor stroke" });

const layer = z.strictObject({
  name: slug,
  clip: z.string().optional(),
  /** Three points: the layer is painted once at rest and then carried as a picture by the affine map of these points. */
  carriedBy: z.tuple([index, index, index]).optional(),
  shapes: z.array(shape).max(limits.shapesPerLayer),
});

function bounded<T extends z.ZodType>(value: T, max: number) {
  return z.record(slug, value).refine((record) => Object.keys(record).length <= max, { message: `too many: at most ${max}` });
}

/** The avatar file, format 1. docs of each field: avatar-asset.ts. */
export const avatarSchema = z.strictObject({
  format: z.literal("troupe-avatar/1"),
  renderer: z.literal("vector"),
  name: slug,
  title: z.string().min(1).max(80),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, "expected major.minor.patch"),
  author: z.string().min(1).max(120),
  licence: z.string().min(1).max(80),
  persona: z.string().max(8000),
  voices: z.record(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "expected a BCP-47 language"), z.string().min(1).max(80)),
  size: z.strictObject({ width: z.int().min(16).max(limits.sidePx), height: z.int().min(16).max(limits.sidePx) }),
  head: z.strictObject({ pivot: z.tuple([px, px, px]) }),
  points: numbers(4, limits.points, limits.coordinatePx),
  offsets: z.record(driver, numbers(3, limits.offsets, limits.coordinatePx)),
  order: numbers(4, limits.orders, limits.coordinatePx),
  paints: bounded(paint, limits.paints),
  clips: bounded(path, limits.clips),
  layers: z.array(layer).min(1).max(limits.layers),
});
