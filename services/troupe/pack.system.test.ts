import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { connectNats } from "@troupe/bus";
import { createRegistry } from "@troupe/stage";
import { startNatsServer, until } from "@troupe/testkit";
import { systemClock } from "@troupe/timeline";
import { expect, it, onTestFinished } from "vitest";
import { root } from "./places.ts";

// Budget: 10 s. Two stages as one process, as the image runs them, over a real NATS server.
function start(role: string, natsUrl: string) {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, "container.ts"), role], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env["PATH"],
      TROUPE_NATS_URL: natsUrl,
      TROUPE_GRANT_KEY: "-".repeat(32),
      TROUPE_REPLICA: "pod-1",
      TROUPE_TTS_BACKEND: "stub",
      TROUPE_FACE_BACKEND: "stub",
      TROUPE_DRAIN_SECONDS: "1",
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  return { child, log: () => log, exited: once(child, "exit").then(([code]) => code as number | null) };
}

it("serves several stages as one process, each a replica of its own, and stops them all in order", async () => {
  await using nats = await startNatsServer();
  const bus = await connectNats({ servers: nats.url, name: "test" });
  using registry = createRegistry(bus, "local", systemClock);
  const pack = start("tts,face", nats.url);
  await until("both are heard", () => registry.all().length === 2);
  const heard = registry.all().map(({ replica, stage, admitting }) => ({ replica, stage, admitting }));
  expect(heard.toSorted((a, b) => (a.stage < b.stage ? -1 : 1))).toEqual([
    { replica: "pod-1-face", stage: "face", admitting: true },
    { replica: "pod-1-tts", stage: "tts", admitting: true },
  ]);
  pack.child.kill("SIGTERM");
  expect(await pack.exited).toBe(0);
  for (const stage of ["tts", "face"]) expect(pack.log()).toContain(`${stage} drains`);
  await bus.drain();
});

it("does not start with what is no stage", async () => {
  const { exited, log } = start("tts,gateway", "nats://127.0.0.1:1");
  expect(await exited).toBe(1);
  expect(log()).toContain("there is no stage");
});
