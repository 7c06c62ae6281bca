import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNats } from "@troupe/bus";
import type { Announcement } from "@troupe/contracts";
import { createRegistry, type StageName, stageNames } from "@troupe/stage";
import { until } from "@troupe/testkit";
import { systemClock } from "@troupe/timeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./places.ts";
import { type ServiceProcess, startNatsProcess, startServiceProcess } from "./platform/service-process.ts";

/** Budget: 100 s; each stage with its real models is started twice, and tries two sessions for 8 s at most. */
const maxSessions = 2;
/** The smallest of each stage. */
const models: Readonly<Partial<Record<StageName, Record<string, string>>>> = {
  asr: { TROUPE_ASR_MODELS: "default-asr-en", TROUPE_ASR_LANGUAGES: "en" },
  tts: { TROUPE_TTS_MODELS: "default-tts-en" },
};

let runDir: string;
let natsUrl: string;
const running: { kill(signal: "SIGKILL"): boolean }[] = [];

beforeAll(async () => {
  runDir = await mkdtemp(join(tmpdir(), "troupe-capacity-"));
  const nats = await startNatsProcess(-1, { root, runDir, env: process.env, detached: false });
  running.push(nats.child);
  natsUrl = `nats://127.0.0.1:${nats.port}`;
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await rm(runDir, { recursive: true, force: true });
});

interface Started {
  readonly announced: Pick<Announcement, "capacity" | "headroom">;
  /** What it logged, in order. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

async function start(stage: StageName, name: string, env: Record<string, string>): Promise<Started> {
  const bus = await connectNats({ servers: natsUrl, name: "capacity test" });
  const registry = createRegistry(bus, "local", systemClock);
  const settings = { ...process.env, TROUPE_GRANT_KEY: "k".repeat(32), TROUPE_NATS_URL: natsUrl, TROUPE_CALIBRATE_SECONDS: "8", ...env };
  const service: ServiceProcess = await startServiceProcess(stage, name, { root, runDir, env: settings, detached: false });
  running.push(service.child);
  try {
    const find = () => registry.all().find(({ replica }) => replica === name);
    await until("it is announced", () => find() !== undefined);
    const { capacity, headroom } = find() as Announcement;
    const lines = (await readFile(service.logPath, "utf8")).split("\n").filter((line) => line.startsWith("{"));
    return { announced: { capacity, headroom }, log: lines.map((line) => JSON.parse(line)) };
  } finally {
    service.child.kill("SIGKILL");
    await bus.drain();
  }
}

const told = ({ log }: Started, message: string) => log.filter(({ msg }) => msg === message);

describe("a replica of a pool", () => {
  it.each(stageNames)("%s: measures with its real models what it serves, and the next one of its kind knows", async (stage) => {
    const env = { TROUPE_POOL: "small", TROUPE_MAX_SESSIONS: String(maxSessions), ...models[stage] };
    const first = await start(stage, `${stage}-first`, env);
    const { capacity } = first.announced;
    expect(capacity).toBeGreaterThanOrEqual(1);
    expect(first.announced.headroom).toBe(capacity);
    // However slow the machine: the work itself was done, and failed at nothing but its time.
    const steps = told(first, "a step of the calibration");
    expect(steps).toContainEqual(expect.objectContaining({ latestMs: expect.any(Number) }));
    expect(steps.filter(({ reason }) => reason !== undefined && reason !== "DEADLINE")).toEqual([]);
    const second = await start(stage, `${stage}-second`, env);
    const [known] = told(second, "the capacity is known");
    if (told(first, "the capacity is measured").length > 0) {
      expect(known).toMatchObject({ sessions: capacity });
      expect(second.announced).toEqual(first.announced);
      expect(told(second, "a step of the calibration")).toEqual([]);
    } else {
      // It was late with one session alone, which says more of the moment than of the stage.
      expect(known).toBeUndefined();
    }
  });

  it("outside of a pool measures nothing and serves as many as it is told to", async () => {
    const started = await start("face", "face-alone", { TROUPE_MAX_SESSIONS: "5", TROUPE_FACE_BACKEND: "stub" });
    expect(started.announced).toEqual({ capacity: 0, headroom: 5 });
    expect(told(started, "a step of the calibration")).toEqual([]);
  });
});
