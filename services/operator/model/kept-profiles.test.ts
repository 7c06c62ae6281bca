import { createMemoryBroker } from "@troupe/bus";
import { profileBucket, profileTtlMs } from "@troupe/stage";
import { until } from "@troupe/testkit";
import { expect, it, onTestFinished } from "vitest";
import { quiet } from "../kube/testing/cluster.ts";
import { followKeptProfiles } from "./kept-profiles.ts";

const profile = (sessions: number) => ({
  ...{ stage: "tts", models: ["voice-1"], acceleratorClass: "cpu", image: "troupe:1", sessions },
  ...{ p95LateMs: -20, measuredTime: "2026-11-22T00:00:00.000Z", cpuMillicores: 2000 },
});
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

it("follows what replicas keep, and is not stopped by what it cannot read", async () => {
  const broker = createMemoryBroker();
  const store = await broker.connect().keyValue(profileBucket, { ttlMs: profileTtlMs });
  const revision = await store.create("tts.one", bytes(profile(4)));
  await store.create("tts.strange", bytes({ sessions: "many" }));
  const kept = await followKeptProfiles({ bus: broker.connect(), logger: quiet });
  onTestFinished(() => kept[Symbol.dispose]());
  let changes = 0;
  kept.onChange(() => void changes++);
  await until("the first is read", () => kept.list().length === 1);
  await store.update("tts.one", bytes(profile(6)), revision);
  await store.create("tts.two", bytes(profile(2)));
  await until("both are", () => kept.list().some(({ sessions }) => sessions === 6) && kept.list().length === 2);
  expect(kept.list().map(({ sessions }) => sessions)).toEqual([6, 2]);
  expect(changes).toBeGreaterThanOrEqual(2);
  await store.delete("tts.two");
  expect(kept.list()).toHaveLength(2);
});
