import { OwnerState } from "@troupe/session";
import type { Binding, OwnedSession } from "@troupe/stage";
import { createManualClock } from "@troupe/testkit";
import { expect, it } from "vitest";
import { logger } from "../http/live.testing.ts";
import type { TurnEvent } from "../turn-taking/index.ts";
import { ConversationLog } from "./conversation-log.ts";
import { HeardResponses } from "./heard-responses.ts";
import { PlaybackPosition } from "./playback-position.ts";
import { Responses } from "./responses.ts";
import type { SessionEdges } from "./session-edges.ts";
import { StageRecovery } from "./stage-recovery.ts";
import type { Utterances } from "./utterances.ts";

/** A session whose presenter moves as slowly as the test wants. */
function session() {
  const clock = createManualClock();
  const moved = Promise.withResolvers<Binding>();
  const owned = {
    state: new OwnerState(() => undefined),
    settings: () => ({ case: undefined }),
    settled: async () => undefined,
    bindings: () => [],
    finished: () => undefined,
    replace: () => moved.promise,
  } as unknown as OwnedSession;
  const edges = { prompt: { writeNow: () => undefined, end: () => undefined }, expectReply: () => undefined, tick: () => undefined };
  const events: TurnEvent[] = [];
  const dispatch = (event: TurnEvent) => void events.push(event);
  const emit = () => undefined;
  const log = new ConversationLog();
  const heard = new HeardResponses({ clock, log, playback: new PlaybackPosition(), emit });
  const shared = { owned, clock, logger, emit, dispatch };
  const responses = new Responses({ ...shared, log, heard, edges: () => edges as unknown as SessionEdges, onFailed: () => undefined });
  const recovery = new StageRecovery({ ...shared, responses, utterances: {} as Utterances, presentedUs: () => 0 });
  responses.begin(1, { utterance: 1, language: "en", question: "When?", speculative: true }, undefined);
  return {
    events,
    responses,
    recovery,
    presenterMoves: async () => {
      const moving = recovery.move("compositor");
      return async () => {
        moved.resolve({ stage: "compositor", replica: "two", epoch: 2, boot: "" } as Binding);
        await moving;
        await new Promise((resolve) => setImmediate(resolve));
      };
    },
  };
}

it("a speculation that the presenter's move voids is told of, so that the answer is made when it is wanted", async () => {
  const { events, responses, presenterMoves } = session();
  const arrive = await presenterMoves();
  await arrive();
  expect(events).toEqual([{ kind: "response-failed", response: 1, excuse: false }]);
  expect(responses.open()).toEqual([]);
});

it("one that became the answer while the presenter moved is made again", async () => {
  const { events, responses, presenterMoves } = session();
  const arrive = await presenterMoves();
  responses.commit(1);
  await arrive();
  expect(events).toEqual([
    { kind: "response-stalled", response: 1 },
    { kind: "response-failed", response: 1, excuse: true, lost: true },
  ]);
});

it("one that begins while the presenter moves is the new one's, and goes on", async () => {
  const { events, responses, presenterMoves } = session();
  responses.cancel(1);
  const arrive = await presenterMoves();
  responses.begin(2, { utterance: 1, language: "en", question: "When?" }, undefined);
  await arrive();
  expect(events).toEqual([]);
  expect(responses.open().map(({ number }) => number)).toEqual([2]);
});
