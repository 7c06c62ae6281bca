import { type Profiler, Session } from "node:inspector/promises";

/** Parts of making a frame, in the order in which a call belongs to one: the deepest named call counts. */
const parts = [
  { part: "readback", file: "node-canvas.ts" },
  { part: "sound", file: "encode/audio-encoder.ts" },
  { part: "encode, hand-over", file: "encode/" },
  { part: "caption", file: "scene/caption.ts" },
  { part: "label", file: "scene/label.ts" },
  { part: "draw", file: "renderers/" },
  { part: "rest of the compositor", file: "services/compositor/" },
] as const;

const specialParts = new Map([
  ["(idle)", "idle"],
  ["(garbage collector)", "garbage collection"],
]);

/** Share of the drawing thread's busy time by part, from V8's sampling profiler; the rest is Node itself and the bus. */
export async function profileDrawing(work: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 500 });
    await session.post("Profiler.start");
    await work();
    const { profile } = await session.post("Profiler.stop");
    return sharesOf(profile);
  } finally {
    session.disconnect();
  }
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): ReadonlyMap<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const known = new Map<number, string>();
  const partOf = (id: number): string => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const frame = byId.get(id)?.callFrame;
    const parent = parents.get(id);
    const named = parts.find(({ file }) => frame?.url.includes(file))?.part;
    const special = frame && specialParts.get(frame.functionName);
    const part = special ?? named ?? (parent === undefined ? "other" : partOf(parent));
    known.set(id, part);
    return part;
  };
  const times = new Map<string, number>();
  for (const [n, id] of samples.entries()) {
    const part = partOf(id);
    if (part !== "idle") times.set(part, (times.get(part) ?? 0) + (timeDeltas[n] ?? 0));
  }
  const total = [...times.values()].reduce((sum, us) => sum + us, 0);
  return new Map([...times].map(([part, us]) => [part, us / total] as const).toSorted((a, b) => b[1] - a[1]));
}
