import { create } from "@bufbuild/protobuf";
import { type Announcement, AnnouncementSchema } from "@troupe/contracts";
import type { Share, StagePool } from "@troupe/kinds";
import { describe, expect, it } from "vitest";
import type { Pod } from "../kube/index.ts";
import { modelObject, poolObject } from "../testing/objects.ts";
import { announcedProfiles } from "./announced-profiles.ts";
import type { KeptProfile } from "./kept-profiles.ts";

const voice = modelObject("voice", {
  needs: [{ acceleratorClass: "cpu", memoryMebibytes: 1, share: { cpuMillicores: 1000 }, videoEncoder: false }],
});

interface Given {
  readonly share?: Share;
  readonly acceleratorClass?: string;
  readonly members?: StagePool["spec"]["members"];
  readonly announced?: Partial<Announcement>;
  readonly kept?: readonly KeptProfile[];
  /** Name of the container. */
  readonly container?: string;
}

const kept = (change: Partial<KeptProfile> = {}): KeptProfile => ({
  stage: "tts",
  models: ["voice-1"],
  acceleratorClass: "cpu",
  image: "troupe:1",
  sessions: 8,
  p95LateMs: -120.4,
  measuredTime: "2026-11-20T10:00:00.500Z",
  ...change,
});

/** What one pod of a pool says of the model. */
function look({ share = { cpuMillicores: 2000 }, acceleratorClass = "cpu", members, announced, kept = [], container = "tts" }: Given = {}) {
  const pool = poolObject("talk", { stage: "tts", models: ["voice"] }, undefined);
  const spec = { ...pool.spec, share, acceleratorClass, site: "hall", ...(members && { members }) };
  const status = { containerStatuses: [{ name: container, state: { running: { startedAt: "2026-11-22T08:00:00Z" } } }] };
  const pod = { metadata: { name: "talk-1" }, spec: { containers: [{ name: container, image: "troupe:1" }] }, status } as unknown as Pod;
  const id = spec.members.length === 1 ? "talk-1" : "talk-1-tts";
  const said = create(AnnouncementSchema, { stage: "tts", models: ["voice-1"], capacity: 6, ...announced } as object);
  return announcedProfiles(voice, {
    pools: [{ ...pool, spec }],
    podsOf: () => [pod],
    announcement: (site, replica) => (site === "hall" && replica === id ? said : undefined),
    kept,
  });
}

const measured = { acceleratorClass: "cpu", image: "troupe:1", sessions: 6 };

describe("what replicas say that they measured", () => {
  it("is as many sessions as they announce, and dated by what was kept of it", () => {
    const older = kept({ measuredTime: "2026-11-01T00:00:00Z", p95LateMs: -1 });
    expect(look({ kept: [older, kept()] })).toEqual([{ ...measured, p95EarlyMilliseconds: 120, measuredTime: "2026-11-20T10:00:00Z" }]);
  });

  it("is dated by their start where nothing was kept", () => {
    expect(look()).toEqual([{ ...measured, measuredTime: "2026-11-22T08:00:00Z" }]);
  });

  it.each([
    ["stage", { stage: "asr" }],
    ["models", { models: ["voice-1", "other"] }],
    ["class", { acceleratorClass: "l4" }],
    ["image", { image: "troupe:2" }],
    ["fewer sessions", { sessions: 5 }],
  ])("is not dated by what was kept of another %s", (_, change) => {
    expect(look({ kept: [kept(change)] })[0]?.measuredTime).toBe("2026-11-22T08:00:00Z");
  });

  it("is nothing where they have not measured", () => {
    expect(look({ announced: { capacity: 0 } })).toEqual([]);
  });

  it("is nothing on a class or a kind of share that the model does not need", () => {
    expect(look({ acceleratorClass: "l4" })).toEqual([]);
    expect(look({ share: { whole: true } })).toEqual([]);
  });

  it("is found in a pack, in containers apart or in one", () => {
    const members = [
      { stage: "tts", models: ["voice"] },
      { stage: "face", models: [] },
    ] as StagePool["spec"]["members"];
    expect(look({ members })).toHaveLength(1);
    expect(look({ members, container: "tts-face" })).toHaveLength(1);
    expect(look({ members, container: "face" })).toEqual([]);
  });
});
