import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialTurnState, type TurnCommand, type TurnEvent, type TurnState, takeTurn } from "./index.ts";
import {
  apologise,
  cancelled,
  discard,
  disclaimer,
  done,
  due,
  end,
  failed,
  guess,
  heard,
  interrupt,
  left,
  line,
  onset,
  policy,
  respond,
  resumed,
  returned,
  stalled,
  started,
  typed,
  unheard,
} from "./testing/events.ts";

type NextEvent = (state: TurnState) => TurnEvent;

/** Events as they come and as they should not: mostly of the latest utterance and response, also of earlier ones and none. */
const back = fc.constantFrom(0, 0, 0, 1, 2, -1);
const ofUtterance = (event: (utterance: number) => TurnEvent) =>
  back.map(
    (n): NextEvent =>
      (state) =>
        event(state.lastUtterance - n),
  );
const ofResponse = (event: (response: number) => TurnEvent) =>
  back.map(
    (n): NextEvent =>
      (state) =>
        event(state.lastResponse - n),
  );
const always = (event: TurnEvent) => fc.constant<NextEvent>(() => event);
const nextEvent: fc.Arbitrary<NextEvent> = fc.oneof(
  { weight: 4, arbitrary: always(onset) },
  { weight: 4, arbitrary: ofUtterance(end) },
  { weight: 4, arbitrary: ofUtterance((utterance) => heard(utterance, "word")) },
  ofUtterance((utterance) => heard(utterance, "")),
  ofUtterance(unheard),
  { weight: 2, arbitrary: ofUtterance((utterance) => due(utterance, true)) },
  { weight: 3, arbitrary: ofUtterance((utterance) => due(utterance, false)) },
  ofUtterance((utterance) => heard(utterance, "Mm-hm.")),
  ofUtterance((utterance) => heard(utterance, "Stop.")),
  { weight: 2, arbitrary: ofUtterance((utterance) => guess(utterance, "word", true)) },
  ofUtterance((utterance) => guess(utterance, "Yeah.")),
  ofUtterance(resumed),
  ofUtterance(discard),
  always(respond),
  ofResponse(cancelled),
  { weight: 2, arbitrary: always(left) },
  { weight: 2, arbitrary: always(returned) },
  always(disclaimer("disclaimer")),
  always(typed("typed")),
  always(line("line")),
  always(interrupt),
  { weight: 3, arbitrary: ofResponse(started) },
  { weight: 3, arbitrary: ofResponse(done) },
  ofResponse((response) => failed(response, true)),
  ofResponse((response) => failed(response, true, true)),
  ofResponse((response) => failed(response, false)),
  ofResponse(stalled),
  always(apologise()),
);

/** Follows the commands as those who carry them out do, and complains where they could not. */
class Listener {
  readonly over = new Set<number>();
  readonly held = new Set<number>();
  /** Made in advance, and neither committed nor cancelled. */
  readonly speculative = new Set<number>();
  readonly openUtterances = new Set<number>();
  responses = 0;
  utterances = 0;

  follow(command: TurnCommand): void {
    switch (command.kind) {
      case "answer":
      case "say":
        return this.#respond(command.response);
      case "speculate":
        this.#respond(command.response);
        this.speculative.add(command.response);
        return;
      case "commit":
        expect(this.speculative.delete(command.response)).toBe(true);
        return;
      case "open-utterance":
        expect(this.openUtterances.size).toBe(0);
        this.#utter(command.utterance);
        this.openUtterances.add(command.utterance);
        return;
      case "type-utterance":
        return this.#utter(command.utterance);
      case "close-utterance":
        expect(this.openUtterances.delete(command.utterance)).toBe(true);
        return;
      case "hold":
        this.#running(command.response);
        this.held.add(command.response);
        return;
      case "release":
        this.#running(command.response);
        expect(this.held.delete(command.response)).toBe(true);
        return;
      case "cancel":
        this.#issued(command.response);
        return this.end(command.response);
      default:
        expect(command.utterance).toBeLessThanOrEqual(this.utterances + 1);
    }
  }

  end(response: number): void {
    this.over.add(response);
    this.held.delete(response);
    this.speculative.delete(response);
  }

  #utter(utterance: number): void {
    expect(utterance).toBe(this.utterances + 1);
    this.utterances = utterance;
  }

  /** One at a time: whatever was issued before is over. */
  #respond(response: number): void {
    expect(response).toBe(this.responses + 1);
    expect(response === 1 || this.over.has(response - 1)).toBe(true);
    this.responses = response;
  }

  #running(response: number): void {
    this.#issued(response);
    expect(this.over.has(response)).toBe(false);
    expect(this.speculative.has(response)).toBe(false);
  }

  #issued(response: number): void {
    expect(response).toBeGreaterThan(0);
    expect(response).toBeLessThanOrEqual(this.responses);
  }
}

const policies = fc.record({ withholdResponse: fc.boolean(), ignoreInterruptions: fc.boolean(), speculate: fc.boolean() });

describe("any sequence of events", () => {
  it("numbers without gaps, keeps one response open, holds and cancels only what was issued, and never gets stuck", () => {
    fc.assert(
      fc.property(policies, fc.array(nextEvent, { maxLength: 60 }), (modes, events) => {
        const listener = new Listener();
        let state = initialTurnState;
        for (const event of events) {
          const next = event(state);
          if ((next.kind === "response-done" || next.kind === "response-failed") && next.response <= listener.responses)
            listener.end(next.response);
          const step = takeTurn(state, next, { ...policy, ...modes });
          for (const command of step.commands) listener.follow(command);
          state = step.state;
          expect(state.lastResponse).toBe(listener.responses);
          expect(state.lastUtterance).toBe(listener.utterances);
          expect(state.lines.length).toBeLessThanOrEqual(policy.maxLines);
          expectMoving(state, listener);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

/** Whoever has the turn, something that is still to come will end it. */
function expectMoving({ turn, lines, absent }: TurnState, listener: Listener): void {
  const besides = turn.phase === "answering" && ((turn.murmur?.speaking ?? false) || (turn.beside?.speaking ?? false));
  expect(listener.openUtterances.size).toBe((turn.phase === "hearing" && turn.speaking) || besides ? 1 : 0);
  if (turn.phase === "idle") expect(lines).toEqual([]);
  if (turn.phase === "hearing" && !turn.speaking) expect(turn.heard.some((part) => part.text === undefined)).toBe(true);
  expectOneCurrent(turn, listener);
  expectHeld(turn, absent, listener);
}

/** Every response that was issued is over, or is the one that has the turn. */
function expectOneCurrent(turn: TurnState["turn"], listener: Listener): void {
  const current =
    turn.phase === "answering"
      ? turn.response
      : turn.phase === "hearing"
        ? (turn.interrupted?.answering.response ?? turn.speculation?.response)
        : undefined;
  if (current !== undefined) expect(listener.over.has(current)).toBe(false);
  for (let response = 1; response <= listener.responses; response++)
    if (response !== current) expect(listener.over.has(response)).toBe(true);
  expect([...listener.speculative]).toEqual(turn.phase === "hearing" && turn.speculation ? [turn.speculation.response] : []);
}

/** Held is what was spoken into and not decided yet, and what nobody is there to hear; nothing else. */
function expectHeld(turn: TurnState["turn"], absent: boolean, listener: Listener): void {
  const interrupted = turn.phase === "hearing" ? turn.interrupted?.answering.response : undefined;
  const unattended = absent && turn.phase === "answering" ? turn.response : undefined;
  const held = interrupted ?? unattended;
  expect([...listener.held]).toEqual(held === undefined ? [] : [held]);
}
