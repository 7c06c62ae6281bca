import type { Pacing } from "@troupe/contracts";
import { isServiceError } from "@troupe/errors";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Caller } from "./testing/caller.ts";
import { startTestPlatform, type TestPlatform } from "./testing/test-platform.ts";

/** Budget: 90 s; most of it is loading real models in eight processes and presenting answers in real time. */
const longQuestion = "Where is the museum?";
/** Budget of being told, generous for a busy machine; the promise is 2 s, and the measured figure is in docs/results. */
const toldBudgetMs = 5000;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({ replicas: { tts: 2, llm: 2 } });
});
afterAll(() => platform[Symbol.asyncDispose]());

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
      expect(told.atMs - killedMs).toBeLessThan(toldBudgetMs);
      await platform.restart(victim);
      await caller.next("moved", begun.index, (moved) => moved.stage === stage);
      // Where the response could not go on, an excuse was spoken, or its end was told.
      const done = await caller.next("responseDone", begun.index, (value) => value.response === begun.value.response);
      expect(told.index).toBeLessThan(done.index);
      const next = await caller.ask("How much does a ticket cost for children?");
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
