import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pacing } from "@troupe/contracts";
import { isServiceError } from "@troupe/errors";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { root } from "./places.ts";
import { Caller } from "./testing/caller.ts";
import { startTestPlatform, type TestPlatform } from "./testing/test-platform.ts";

/** Budget: 90 s; most of it is loading real models in eight processes and presenting answers in real time. */
const longQuestion = "Where is the museum?";
/** Budget of being told, generous for a busy machine; the promise is 2 s, and docs/results/failures.md has the figures. */
const toldBudgetMs = 5000;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({ replicas: { tts: 2, llm: 2 } });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await mkdir(join(root, "out"), { recursive: true });
  await writeFile(join(root, "out/failures.json"), `${JSON.stringify({ toldMs, answeredMs }, null, 2)}\n`);
});

/** From the kill to the caller's event, and to the end of the next question's answer; for docs/results/failures.md. */
const toldMs: Record<string, number> = {};
const answeredMs: Record<string, number> = {};

function call(
  presentation: { readonly width: number; readonly height: number; readonly pacing?: Pacing } = { width: 128, height: 128 },
): Caller {
  const caller = new Caller(platform.gatewayAddress, { tenant: "demo", language: "en", presentation });
  onTestFinished(() => caller[Symbol.asyncDispose]());
  return caller;
}

describe("a platform of processes", () => {
  for (const stage of ["tts", "compositor", "face", "asr", "llm"] as const) {
    it(`outlives the death of ${stage} amid a response: told before it ends, the next answer works`, async () => {
      const caller = call();
      await caller.next("started", 0);
      const first = caller.events.length;
      caller.send({ case: "text", value: { text: longQuestion, language: "en" } });
      const begun = await caller.next("responseStarted", first);
      const victim = await boundReplica(stage);
      const killedMs = performance.now();
      await platform.kill(victim);
      const told = await caller.next("error", begun.index, (error) => error.stage === stage);
      expect(told.value.reason).toBe("STAGE_LOST");
      toldMs[stage] = Math.round(told.atMs - killedMs);
      expect(toldMs[stage]).toBeLessThan(toldBudgetMs);
      await platform.restart(victim);
      await caller.next("moved", begun.index, (moved) => moved.stage === stage);
      // Where the response could not go on, an excuse was spoken, or its end was told.
      const done = await caller.next("responseDone", begun.index, (value) => value.response === begun.value.response);
      expect(told.index).toBeLessThan(done.index);
      const next = await caller.ask("How much does a ticket cost for children?");
      answeredMs[stage] = Math.round(performance.now() - killedMs);
      expect(next.text).toContain("5 euros");
      expect(next.done.complete).toBe(true);
    });
  }

  it("ends the call as UNAVAILABLE when the gateway dies", async () => {
    const caller = call();
    await caller.next("started", 0);
    await platform.kill("gateway-1");
    const failure = await caller.ended;
    expect(isServiceError(failure) && failure.code).toBe(14);
  });
});

/** The replica that serves the stage of the call: the one of two that counts a session. */
async function boundReplica(stage: string): Promise<string> {
  const names = platform.platform.stages.map((service) => service.name).filter((name) => name.startsWith(`${stage}-`));
  for (const name of names) {
    const metrics = await (await fetch(`http://127.0.0.1:${platform.process(name).ports.metrics}/metrics`)).text();
    if (/troupe_stage_sessions\{stage="[a-z]+"\} [1-9]/.test(metrics)) return name;
  }
  throw new Error(`no ${stage} replica serves a session`);
}
