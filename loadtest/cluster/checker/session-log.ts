import { readFile } from "node:fs/promises";

interface Place {
  readonly stage: string;
  readonly replica: string;
}

/** A line of the session log that a gateway writes. Times are milliseconds since 1970. */
export type SessionRecord = { readonly utcMs: number; readonly session: string } & (
  | { readonly type: "opened"; readonly bindings: readonly Place[] }
  | { readonly type: "ended" }
  | ({ readonly type: "moved" | "lost" | "restored" } & Place)
  | { readonly type: "refused"; readonly reason: string; readonly retryAfterMs?: number }
);

/** A stage of a session at a replica, for as long as the session stood on it: `from <= time < to`. */
export interface Binding extends Place {
  readonly session: string;
  readonly fromMs: number;
  /** Infinity: to the end of the log. A lost one ends when the loss was noticed. */
  readonly toMs: number;
}

export async function readSessionLog(path: string): Promise<readonly SessionRecord[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SessionRecord);
}

export function bindingsOf(log: readonly SessionRecord[]): readonly Binding[] {
  const done: Binding[] = [];
  const open = new Map<string, Map<string, Omit<Binding, "toMs">>>();
  const ended = new Set<string>();

  function close(session: string, stage: string, toMs: number): void {
    const bindings = open.get(session);
    const binding = bindings?.get(stage);
    if (binding) done.push({ ...binding, toMs });
    bindings?.delete(stage);
  }
  function begin({ session, utcMs: fromMs }: SessionRecord, { stage, replica }: Place): void {
    // A move that was under way when its session ended is told after it.
    if (ended.has(session)) return;
    close(session, stage, fromMs);
    const bindings = open.get(session) ?? new Map<string, Omit<Binding, "toMs">>();
    open.set(session, bindings.set(stage, { session, stage, replica, fromMs }));
  }

  for (const record of log) {
    if (record.type === "opened") for (const place of record.bindings) begin(record, place);
    else if (record.type === "moved" || record.type === "restored") begin(record, record);
    else if (record.type === "lost") close(record.session, record.stage, record.utcMs);
    else if (record.type === "ended") {
      for (const stage of [...(open.get(record.session)?.keys() ?? [])]) close(record.session, stage, record.utcMs);
      open.delete(record.session);
      ended.add(record.session);
    }
  }
  for (const bindings of open.values()) for (const binding of bindings.values()) done.push({ ...binding, toMs: Number.POSITIVE_INFINITY });
  return done;
}
