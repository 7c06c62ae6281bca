/** Path operators in a compiled path: move, line, cubic curve, close. */
export const PathOp = { MOVE: 0, LINE: 1, CURVE: 2, CLOSE: 3 } as const;

/** How many points each operator takes, by operator. */
export const pointsPerOp = [1, 1, 3, 0] as const;

/** A path over an avatar's point table: operators, and the points they take in order. */
export interface AssetPath {
  readonly ops: Uint8Array;
  readonly points: Uint32Array;
}

export type PathResult = { readonly ok: true; readonly path: AssetPath } | { readonly ok: false; readonly problem: string };

const letters = "MLCZ";
const tokenPattern = /\s*([MLCZ]|\d{1,7})/y;

/**
 * Reads a path such as `M0C1 2 3L4Z`: SVG's absolute M, L, C and Z, with indices of points where SVG has coordinates.
 * Every subpath starts with M. `pointCount` bounds the indices.
 */
export function parseAssetPath(text: string, pointCount: number): PathResult {
  const reader: Reader = { ops: [], points: [], missing: 0, pointCount };
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const token = tokenPattern.exec(text)?.[1];
    if (token === undefined) return { ok: false, problem: `unexpected character at ${at}` };
    const op = letters.indexOf(token);
    const problem = op < 0 ? takePoint(reader, Number(token)) : takeOp(reader, op);
    if (problem !== undefined) return { ok: false, problem: `${problem} (at ${at})` };
  }
  if (reader.missing > 0) return { ok: false, problem: `ends ${reader.missing} points too early` };
  if (reader.ops.length === 0) return { ok: false, problem: "is empty" };
  return { ok: true, path: { ops: Uint8Array.from(reader.ops), points: Uint32Array.from(reader.points) } };
}

interface Reader {
  readonly ops: number[];
  readonly points: number[];
  readonly pointCount: number;
  /** Points that the last operator still takes. */
  missing: number;
}

function takeOp(reader: Reader, op: number): string | undefined {
  if (reader.missing > 0) return `operator comes ${reader.missing} points too early`;
  const last = reader.ops.at(-1);
  if (op !== PathOp.MOVE && (last === undefined || last === PathOp.CLOSE)) return "a subpath must start with M";
  reader.ops.push(op);
  reader.missing = pointsPerOp[op] ?? 0;
  return undefined;
}

function takePoint(reader: Reader, index: number): string | undefined {
  if (reader.missing === 0) return `point ${index} belongs to no operator`;
  if (index >= reader.pointCount) return `point ${index} does not exist, there are ${reader.pointCount}`;
  reader.points.push(index);
  reader.missing -= 1;
  return undefined;
}
