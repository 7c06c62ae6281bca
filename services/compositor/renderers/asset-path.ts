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
  const ops: number[] = [];
  const points: number[] = [];
  let missing = 0;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const token = tokenPattern.exec(text)?.[1];
    if (token === undefined) return refuse(`unexpected character at ${at}`);
    const op = letters.indexOf(token);
    if (op >= 0) {
      if (missing > 0) return refuse(`operator at ${at} comes ${missing} points too early`);
      if (op !== PathOp.MOVE && (ops.length === 0 || ops.at(-1) === PathOp.CLOSE)) return refuse(`a subpath must start with M (at ${at})`);
      ops.push(op);
      missing = pointsPerOp[op] ?? 0;
    } else {
      if (missing === 0) return refuse(`point at ${at} belongs to no operator`);
      const index = Number(token);
      if (index >= pointCount) return refuse(`point ${index} does not exist (there are ${pointCount})`);
      points.push(index);
      missing -= 1;
    }
  }
  if (missing > 0) return refuse(`ends ${missing} points too early`);
  if (ops.length === 0) return refuse("is empty");
  return { ok: true, path: { ops: Uint8Array.from(ops), points: Uint32Array.from(points) } };
}

function refuse(problem: string): PathResult {
  return { ok: false, problem };
}
