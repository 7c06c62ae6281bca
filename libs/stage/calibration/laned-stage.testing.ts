import { create } from "@bufbuild/protobuf";
import { ClauseSchema, PromptHeaderSchema } from "@troupe/contracts";
import type { Clock } from "@troupe/timeline";
import { keyedStage } from "../keyed-stage.ts";
import type { Stage } from "../stage.ts";
import type { ReferenceWork } from "./reference-work.ts";

/** A stage with one lane: each answer keeps it for so long, and the others wait. */
export function lanedStage(clock: Clock, serviceMs: number, onServed: () => void = () => undefined): Stage {
  let lane = Promise.resolve();
  return keyedStage({
    name: "llm",
    input: "prompt",
    output: "reply",
    async *respond({ signal }) {
      const served = lane.then(async () => {
        if (!signal.aborted) await clock.sleep(serviceMs, signal).catch(() => undefined);
      });
      lane = served;
      await served;
      signal.throwIfAborted();
      onServed();
      yield { case: "clause", value: create(ClauseSchema, { text: "Yes." }) };
    },
  });
}

/** One question of each session, all at once, answered by the deadline. */
export function askAtOnce(deadlineMs: number): ReferenceWork {
  return {
    id: `a question, answer after ${deadlineMs} ms`,
    settings: { case: undefined },
    spreadMs: 0,
    durationMs: deadlineMs,
    deadlines: { answer: 1 },
    async run(session) {
      const response = session.owner.nextResponse();
      const reply = session.read("reply", response);
      const startMs = session.clock.nowMs();
      session.send("prompt", response, { case: "header", value: create(PromptHeaderSchema) });
      session.end("prompt", response);
      for await (const { atMs } of reply) session.report("answer", atMs - startMs - deadlineMs);
    },
  };
}

/** What a lane holds: the answers of 95 of 100 sessions end one after the other within the deadline. */
export function lanesCapacity(serviceMs: number, deadlineMs: number, limit: number): number {
  const holds = (sessions: number) => (sessions - Math.floor(sessions / 20)) * serviceMs <= deadlineMs;
  let sessions = 0;
  while (sessions < limit && holds(sessions + 1)) sessions++;
  return sessions;
}
