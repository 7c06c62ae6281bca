import { labels, type StagePool } from "@troupe/kinds";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ControllerRevision } from "../kube/index.ts";
import { poolObject } from "../testing/objects.ts";
import { revisionOf } from "./revision.ts";
import { forgottenRevisions } from "./revision-history.ts";

function poolWith(revisionHistoryLimit: number, status: Partial<StagePool["status"]> = {}): StagePool {
  const pool = poolObject("talk", { stage: "tts", models: [] }, status as StagePool["status"]);
  return { ...pool, spec: { ...pool.spec, revisionHistoryLimit } };
}

const record = (hash: string, revision: number, pool = "talk") =>
  ({ metadata: { name: `${pool}-${hash}`, labels: { [labels.pool]: pool } }, revision }) as unknown as ControllerRevision;

/** The hashes of what is forgotten, the newest first. */
const forgotten = (pool: StagePool, records: readonly ControllerRevision[], pods: readonly string[] = []) =>
  forgottenRevisions(
    pool,
    records,
    pods.map((revision) => ({ revision })),
  ).map(({ metadata }) => metadata.name.slice("talk-".length));

describe("the records of a pool's templates", () => {
  const three = [record("b", 2), record("c", 3), record("a", 1)];

  it("are kept as many as the limit says, the newest", () => {
    expect(forgotten(poolWith(10), three)).toEqual([]);
    expect(forgotten(poolWith(1), three)).toEqual(["b", "a"]);
    expect(forgotten(poolWith(0), three)).toEqual(["c", "b", "a"]);
  });

  it("stay while a pod was made from them, the pool wants them, or went away from them last", () => {
    const pool = poolWith(0, { currentRevision: "a", updateRevision: "b" });
    const wanted = revisionOf(pool.spec);
    expect(forgotten(pool, [...three, record(wanted, 4), record("d", 0)], ["d", "d"])).toEqual(["c"]);
  });

  it("of other pools are left alone", () => {
    expect(forgotten(poolWith(0), [record("a", 1, "other")])).toEqual([]);
  });

  it("never number more than those in use and the limit, and none in use goes", () => {
    const hash = fc.constantFrom(..."abcdefghij");
    const records = fc.uniqueArray(hash).map((all) => all.map((one, at) => record(one, at)));
    fc.assert(
      fc.property(records, fc.array(hash), hash, fc.nat({ max: 6 }), (all, pods, currentRevision, limit) => {
        const gone = forgotten(poolWith(limit, { currentRevision }), all, pods);
        const used = new Set([...pods, currentRevision]);
        expect(gone.filter((one) => used.has(one))).toEqual([]);
        const left = all.map(({ metadata }) => metadata.name.slice(5)).filter((one) => !gone.includes(one));
        expect(left.filter((one) => !used.has(one)).length).toBe(
          Math.min(limit, all.filter(({ metadata }) => !used.has(metadata.name.slice(5))).length),
        );
      }),
    );
  });
});
