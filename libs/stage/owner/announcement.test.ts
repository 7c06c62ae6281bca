import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { infrastructureSubject } from "@troupe/bus";
import { type Announcement, AnnouncementSchema, contractMinor } from "@troupe/contracts";
import { until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { idleStage } from "../testing/platform.ts";
import { memoryRig, site, startReplica, untilTestEnds } from "../testing/rig.ts";

const golden = JSON.parse(await readFile(join(import.meta.dirname, "../testing/announcement.golden.json"), "utf8")) as {
  readonly hex: string;
  readonly json: Parameters<typeof fromJson>[1];
};

/** Every field set, and no two alike. */
const announcement = create(AnnouncementSchema, {
  site: "local",
  replica: "llm-1",
  boot: "0b5e7a1c",
  stage: "llm",
  models: ["grounded", "small"],
  languages: ["en", "de-AT"],
  contractMinor: 3,
  admitting: true,
  sessions: 5,
  headroom: 7,
  address: "127.0.0.1:50052",
});

describe("an announcement", () => {
  it("has the bytes and the JSON that every version must read", () => {
    expect(Buffer.from(toBinary(AnnouncementSchema, announcement)).toString("hex")).toBe(golden.hex);
    expect(toJson(AnnouncementSchema, announcement)).toEqual(golden.json);
    expect(fromBinary(AnnouncementSchema, Buffer.from(golden.hex, "hex"))).toEqual(announcement);
    expect(fromJson(AnnouncementSchema, golden.json)).toEqual(announcement);
  });

  it("tells what the replica is and has", async () => {
    const rig = memoryRig();
    untilTestEnds(
      startReplica({ clock: rig.clock, bus: rig.broker.connect() }, idleStage("tts"), {
        replica: "tts-7",
        models: ["piper"],
        languages: ["en"],
        maxSessions: 4,
        address: "10.0.0.7:50053",
        pool: "tts-en",
        acceleratorClass: "cpu",
      }),
    );
    await until("it is heard", () => rig.registry.all().length === 1);
    const { boot, ...said } = rig.registry.all()[0] as Announcement;
    expect(boot).toMatch(/^[0-9a-f-]{36}$/);
    expect(said).toEqual({
      $typeName: "troupe.replica.v1.Announcement",
      site,
      replica: "tts-7",
      stage: "tts",
      models: ["piper"],
      languages: ["en"],
      contractMinor,
      admitting: true,
      sessions: 0,
      headroom: 4,
      address: "10.0.0.7:50053",
      pool: "tts-en",
      acceleratorClass: "cpu",
      capacity: 0,
    });
  });
});

describe("the registry", () => {
  const subject = infrastructureSubject(site, "announce", "llm", "replica");
  const publish = (rig: ReturnType<typeof memoryRig>, change: Partial<Omit<Announcement, "$typeName">>) =>
    rig.bus.publish(subject, toBinary(AnnouncementSchema, create(AnnouncementSchema, { ...announcement, contractMinor, ...change })));

  it("puts the replica with the most headroom first", async () => {
    const rig = memoryRig();
    for (const [replica, headroom] of [
      ["low", 1],
      ["high", 9],
      ["middle", 5],
    ] as const)
      publish(rig, { replica, headroom });
    await until("they are heard", () => rig.registry.all().length === 3);
    expect(rig.registry.candidates("llm").map(({ replica }) => replica)).toEqual(["high", "middle", "low"]);
    expect(rig.registry.candidates("llm", new Set(["high"])).map(({ replica }) => replica)).toEqual(["middle", "low"]);
    expect(rig.registry.candidates("tts")).toEqual([]);
  });

  it("binds to contracts that differ by one minor at most", async () => {
    const rig = memoryRig();
    for (const ahead of [0, 1, 2]) publish(rig, { replica: `ahead-${ahead}`, contractMinor: contractMinor + ahead });
    await until("they are heard", () => rig.registry.all().length === 3);
    expect(rig.registry.candidates("llm").map(({ replica }) => replica)).toEqual(["ahead-0", "ahead-1"]);
  });

  it("forgets a replica that is silent", async () => {
    const rig = memoryRig();
    publish(rig, {});
    await until("it is heard", () => rig.registry.all().length === 1);
    await rig.clock.advance(3500);
    expect(rig.registry.all()).toHaveLength(1);
    await rig.clock.advance(1);
    expect(rig.registry.all()).toEqual([]);
  });

  it("listens on after bytes that are no announcement", async () => {
    const rig = memoryRig();
    rig.bus.publish(subject, new Uint8Array([255, 255, 255]));
    publish(rig, {});
    await until("the next one is heard", () => rig.registry.all().length === 1);
  });

  it("waits for stages, and no longer than it may", async () => {
    const rig = memoryRig();
    const found = rig.registry.waitFor(["llm"], 1000);
    publish(rig, {});
    expect(await found).toBe(true);
    const vain = rig.registry.waitFor(["llm", "tts"], 1000);
    await rig.clock.advance(1000);
    expect(await vain).toBe(false);
  });
});
