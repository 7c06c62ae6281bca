import { createMemoryBroker, type KeyValueStore } from "@troupe/bus";
import { createManualClock, until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../testing/rig.ts";
import { askAtOnce, lanedStage } from "./laned-stage.testing.ts";
import { measuredCapacity } from "./measured-capacity.ts";
import { type ProfileSubject, profileBucket, profileKey, profileTtlMs } from "./profile-store.ts";

const subject: ProfileSubject = {
  stage: "llm",
  models: ["laned"],
  acceleratorClass: "cpu",
  image: "troupe:1",
  cpuMillicores: 2000,
  cpuModel: "any",
  work: "a question",
};

interface Start {
  readonly serviceMs?: number;
  readonly limit?: number;
  readonly useCache?: boolean;
  readonly subject?: ProfileSubject;
  readonly store?: KeyValueStore | undefined;
  readonly budgetMs?: number;
}

const openStore = () => createMemoryBroker().connect().keyValue(profileBucket, { ttlMs: profileTtlMs });

/** What a start finds, and how many answers that took. */
async function start(given: Start): Promise<{ readonly capacity: number | undefined; readonly answers: number }> {
  const clock = createManualClock();
  let answers = 0;
  let over = false;
  const stage = lanedStage(clock, given.serviceMs ?? 50, () => answers++);
  const deps = { stage, clock, logger: silentLogger, store: given.store, utcNowMs: () => 0 };
  const options = { limit: 16, budgetMs: 100_000, useCache: true, subject, ...given };
  const measuring = measuredCapacity(deps, askAtOnce(300), options).finally(() => {
    over = true;
  });
  await until(
    "it is known",
    () => over,
    () => clock.advance(50),
  );
  return { capacity: await measuring, answers };
}

describe("the capacity of a replica", () => {
  it("is measured once for processes alike", async () => {
    const store = await openStore();
    expect((await start({ store })).capacity).toBe(6);
    expect(await start({ store, serviceMs: 100 })).toEqual({ capacity: 6, answers: 0 });
    const stored = await store.get(profileKey(subject));
    expect(JSON.parse(new TextDecoder().decode(stored?.value))).toMatchObject({
      ...subject,
      sessions: 6,
      bound: "late",
      limit: 16,
      p95LateMs: 0,
      measuredTime: "1970-01-01T00:00:00.000Z",
    });
  });

  it.each([
    ["stage", "tts"],
    ["models", ["laned", "other"]],
    ["acceleratorClass", "gpu"],
    ["image", "troupe:2"],
    ["cpuMillicores", 1000],
    ["cpuModel", "another"],
    ["work", "a longer question"],
  ])("is measured anew where the %s differs", async (name, value) => {
    const store = await openStore();
    await start({ store });
    expect((await start({ store, serviceMs: 100, subject: { ...subject, [name]: value } })).capacity).toBe(3);
  });

  it("is measured anew and kept where that is asked for", async () => {
    const store = await openStore();
    await start({ store });
    expect((await start({ store, serviceMs: 100, useCache: false })).capacity).toBe(3);
    expect(await start({ store })).toEqual({ capacity: 3, answers: 0 });
  });

  it("is never more than is asked for, and says nothing about more than was tried", async () => {
    const store = await openStore();
    expect((await start({ store, limit: 4 })).capacity).toBe(4);
    expect(await start({ store, limit: 2 })).toEqual({ capacity: 2, answers: 0 });
    expect((await start({ store, limit: 16 })).capacity).toBe(6);
  });

  it("that was found below what was tried holds where more may be served", async () => {
    const store = await openStore();
    expect((await start({ store, limit: 7 })).capacity).toBe(6);
    expect(await start({ store, limit: 16 })).toEqual({ capacity: 6, answers: 0 });
  });

  it("is one where one alone is late, which is not kept", async () => {
    const store = await openStore();
    expect((await start({ store, serviceMs: 400 })).capacity).toBe(1);
    expect((await start({ store })).capacity).toBe(6);
  });

  it("is unknown where there is no time to measure it", async () => {
    expect((await start({ budgetMs: 1 })).capacity).toBeUndefined();
  });

  it("is measured without a store that answers, or over what it cannot read", async () => {
    const fail = () => Promise.reject(new Error("away"));
    expect((await start({ store: { get: fail, create: fail, update: fail, delete: fail, keys: fail, watch: fail } })).capacity).toBe(6);
    const store = await openStore();
    await store.create(profileKey(subject), new TextEncoder().encode('{"sessions": "many"}'));
    expect((await start({ store })).capacity).toBe(6);
    expect(await start({ store })).toEqual({ capacity: 6, answers: 0 });
  });
});
