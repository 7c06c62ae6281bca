import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defaultTurnPolicy,
  initialTurnState,
  type TurnCommand,
  type TurnEvent,
  type TurnPolicy,
  type TurnState,
  takeTurn,
} from "./index.ts";

const policy: TurnPolicy = { ...defaultTurnPolicy, maxLines: 3 };

const onset: TurnEvent = { kind: "onset" };
const interrupt: TurnEvent = { kind: "interrupt" };
const end = (utterance: number): TurnEvent => ({ kind: "speech-end", utterance });
const heard = (utterance: number, text: string): TurnEvent => ({ kind: "transcript", utterance, text, language: "en" });
const unheard = (utterance: number): TurnEvent => ({ kind: "utterance-failed", utterance });
const due = (utterance: number, speaking: boolean): TurnEvent => ({ kind: "decision-due", utterance, speaking });
const typed = (text: string): TurnEvent => ({ kind: "typed", text, language: "de" });
const line = (text: string): TurnEvent => ({ kind: "say", text, language: "en" });
const started = (response: number): TurnEvent => ({ kind: "response-started", response });
const done = (response: number): TurnEvent => ({ kind: "response-done", response });
const failed = (response: number, excuse: boolean): TurnEvent => ({ kind: "response-failed", response, excuse });

function play(...events: readonly TurnEvent[]): { readonly state: TurnState; readonly commands: readonly string[] } {
  let state = initialTurnState;
  const commands: string[] = [];
  for (const event of events) {
    const step = takeTurn(state, event, policy);
    state = step.state;
    commands.push(...step.commands.map(brief));
  }
  return { state, commands };
}

function brief(command: TurnCommand): string {
  switch (command.kind) {
    case "answer":
      return `answer ${command.response} to ${command.utterance}: ${command.text}`;
    case "say":
      return `say ${command.response}: ${command.text}`;
    case "hold":
    case "release":
    case "cancel":
      return `${command.kind} ${command.response}`;
    default:
      return `${command.kind} ${command.utterance}`;
  }
}

const question = [onset, end(1), heard(1, "What time is it?")] as const;
const asked = ["open-utterance 1", "close-utterance 1", "answer 1 to 1: What time is it?"];
const excuse = policy.excuses[0]?.text;

describe("turn-taking", () => {
  it("answers a question when it has ended and its words are known", () => {
    expect(play(...question).commands).toEqual(asked);
    expect(play(...question, started(1), done(1)).state.turn).toEqual({ phase: "idle" });
  });

  it("takes words that come before the end of the speech when it ends", () => {
    expect(play(onset, heard(1, "Hello."), end(1)).commands).toEqual(["open-utterance 1", "close-utterance 1", "answer 1 to 1: Hello."]);
  });

  it("makes one question of two breaths, whichever words come first", () => {
    const breaths = ["open-utterance 1", "close-utterance 1", "open-utterance 2", "close-utterance 2"];
    const answer = "answer 1 to 2: What time does it open";
    expect(play(onset, end(1), onset, heard(1, "What time"), end(2), heard(2, "does it open")).commands).toEqual([...breaths, answer]);
    expect(play(onset, end(1), onset, end(2), heard(2, "does it open"), heard(1, "What time")).commands).toEqual([...breaths, answer]);
  });

  it("adds what is said before the answer has begun to the question", () => {
    const { commands } = play(...question, onset, end(2), heard(2, "In Rome."));
    expect(commands.slice(3)).toEqual(["cancel 1", "open-utterance 2", "close-utterance 2", "answer 2 to 2: What time is it? In Rome."]);
  });

  it("answers the question again when what followed it was no speech", () => {
    expect(play(...question, onset, end(2), heard(2, "")).commands.at(-1)).toBe("answer 2 to 1: What time is it?");
  });

  it("says that nothing was heard when there were no words", () => {
    for (const nothing of [heard(1, ""), unheard(1)]) {
      const { state, commands } = play(onset, end(1), nothing);
      expect(commands.at(-1)).toBe("nothing-heard 1");
      expect(state.turn).toEqual({ phase: "idle" });
    }
  });

  it("is not left hearing when recognition fails while the person speaks", () => {
    const { state, commands } = play(onset, unheard(1), end(1));
    expect(commands).toEqual(["open-utterance 1", "close-utterance 1", "nothing-heard 1"]);
    expect(state.turn.phase).toBe("idle");
  });
});

describe("speaking into a response", () => {
  const talking = [...question, started(1)] as const;
  const held = [...asked, "hold 1", "decide-later 2", "open-utterance 2"];
  const murmured = [...talking, onset, due(2, false)] as const;
  const letGoOn = [...held, "release 1", "decide-later 2"];

  it("holds it, and cancels it when the person still speaks as the decision is due", () => {
    const { commands } = play(...talking, onset, due(2, true), end(2), heard(2, "Wait."));
    expect(commands).toEqual([...held, "cancel 1", "close-utterance 2", "answer 2 to 2: Wait."]);
  });

  it("lets it go on when it was but a short sound, whose words are not answered", () => {
    const { state, commands } = play(...murmured, end(2), due(2, false), heard(2, "Mm-hm."));
    expect(commands).toEqual([...letGoOn, "close-utterance 2"]);
    expect(state.turn).toEqual(play(...talking).state.turn);
  });

  it("lets it go on when the sound has ended before the decision is due", () => {
    const { state, commands } = play(...talking, onset, end(2), due(2, false), heard(2, "Mm-hm."));
    expect(commands).toEqual([...held, "close-utterance 2", "release 1"]);
    expect(state.turn).toMatchObject({ phase: "answering", response: 1, started: true });
  });

  it("cancels it after all when the short sound goes on", () => {
    const { commands } = play(...murmured, due(2, false), due(2, true), end(2), heard(2, "Mm, wait."));
    expect(commands).toEqual([...letGoOn, "decide-later 2", "cancel 1", "close-utterance 2", "answer 2 to 2: Mm, wait."]);
  });

  it.each<[string, TurnEvent, readonly string[]]>([
    ["ends", done(1), ["close-utterance 2"]],
    ["fails", failed(1, true), ["cancel 1", "close-utterance 2", `say 2: ${excuse}`]],
    ["gives way to typing", typed("Stop"), ["cancel 1", "close-utterance 2", "answer 2 to 3: Stop"]],
    ["is stopped", interrupt, ["cancel 1", "close-utterance 2"]],
  ])("leaves no utterance open when the response it let go on %s meanwhile", (_, event, commands) => {
    expect(play(...murmured, event, end(2), due(2, true), heard(2, "Mm-hm.")).commands).toEqual([...letGoOn, ...commands]);
  });

  it("forgets the short sound when it cannot be recognised", () => {
    expect(play(...murmured, unheard(2), due(2, true), end(2)).commands).toEqual([...letGoOn, "close-utterance 2"]);
  });

  it("decides by the sound that is heard now, not by one before", () => {
    const { commands } = play(...talking, onset, end(2), onset, due(2, true));
    expect(commands.slice(held.length)).toEqual(["close-utterance 2", "release 1", "hold 1", "decide-later 3", "open-utterance 3"]);
  });

  it("goes on listening when the response ends or fails by itself meanwhile", () => {
    for (const over of [done(1), failed(1, true)]) {
      const { commands } = play(...talking, onset, over, end(2), heard(2, "And tomorrow?"));
      expect(commands.slice(held.length)).toEqual(["cancel 1", "close-utterance 2", "answer 2 to 2: And tomorrow?"]);
    }
  });

  it("ends it at once when the person also presses stop", () => {
    const { commands } = play(...talking, line("later"), onset, interrupt, end(2), heard(2, "Thanks."), done(2));
    expect(commands.slice(held.length)).toEqual(["cancel 1", "close-utterance 2", "answer 2 to 2: Thanks."]);
  });
});

describe("typing", () => {
  it("is answered at once", () => expect(play(typed("Hallo")).commands).toEqual(["answer 1 to 1: Hallo"]));

  it("ends the response that is given", () => {
    expect(play(...question, typed("Stop")).commands.slice(3)).toEqual(["cancel 1", "answer 2 to 2: Stop"]);
  });

  it("while speaking ends the utterance, whose words and end are not waited for", () => {
    const { state, commands } = play(onset, typed("Hallo"), end(1), heard(1, "spoken"));
    expect(commands).toEqual(["open-utterance 1", "close-utterance 1", "answer 1 to 2: Hallo"]);
    expect(state.turn).toMatchObject({ phase: "answering", response: 1 });
  });

  it("while speaking into a response ends both", () => {
    const { commands } = play(...question, started(1), onset, typed("Hallo"));
    expect(commands.slice(6)).toEqual(["cancel 1", "close-utterance 2", "answer 2 to 3: Hallo"]);
  });

  it("does not close an utterance that has ended", () => {
    expect(play(onset, end(1), typed("Hallo")).commands).toEqual(["open-utterance 1", "close-utterance 1", "answer 1 to 2: Hallo"]);
  });
});

describe("lines to say", () => {
  it("are said at once when the turn is free, and one after the other when it is not", () => {
    const { state, commands } = play(line("one"), line("two"), line("three"), done(1), done(2), done(3));
    expect(commands).toEqual(["say 1: one", "say 2: two", "say 3: three"]);
    expect(state.turn.phase).toBe("idle");
  });

  it("wait for the person and for their answer", () => {
    const { commands } = play(onset, line("ad"), end(1), heard(1, "Hi."), done(1));
    expect(commands.slice(2)).toEqual(["answer 1 to 1: Hi.", "say 2: ad"]);
    expect(play(onset, line("ad"), end(1), heard(1, "")).commands.slice(2)).toEqual(["nothing-heard 1", "say 1: ad"]);
  });

  it("give way to newer ones when too many wait", () => {
    const { commands } = play(line("0"), line("1"), line("2"), line("3"), line("4"), done(1), done(2));
    expect(commands).toEqual(["say 1: 0", "say 2: 2", "say 3: 3"]);
  });

  it("are forgotten on an interrupt", () => {
    const { state, commands } = play(line("one"), line("two"), interrupt, done(1));
    expect(commands).toEqual(["say 1: one", "cancel 1"]);
    expect(state.turn.phase).toBe("idle");
    expect(play(onset, line("ad"), interrupt, end(1), heard(1, "")).commands.at(-1)).toBe("nothing-heard 1");
  });
});

describe("a response that fails", () => {
  it("is cancelled and excused", () => {
    expect(play(...question, failed(1, true)).commands.slice(3)).toEqual(["cancel 1", `say 2: ${excuse}`]);
  });

  it.each([
    ["zh", "不好意思"],
    ["zh-Hant-TW", "不好意思"],
    ["fr", "Sorry"],
    ["", "Sorry"],
  ])("is excused in %j with %j", (language, words) => {
    const { commands } = play({ kind: "typed", text: "x", language }, failed(1, true));
    expect(commands.at(-1)).toContain(`say 2: ${words}`);
  });

  it("is not excused when that cannot be said", () => {
    const { state, commands } = play(...question, failed(1, false));
    expect(commands.slice(3)).toEqual(["cancel 1"]);
    expect(state.turn.phase).toBe("idle");
  });

  it("is excused once: an excuse that fails is let be", () => {
    const { state, commands } = play(...question, failed(1, true), failed(2, true));
    expect(commands.slice(3)).toEqual(["cancel 1", `say 2: ${excuse}`, "cancel 2"]);
    expect(state.turn.phase).toBe("idle");
  });

  it("leaves the waiting lines to be said", () => {
    expect(play(...question, line("ad"), failed(1, false)).commands.slice(3)).toEqual(["cancel 1", "say 2: ad"]);
  });

  it("but is not the current one changes nothing", () => {
    const before = play(...question, typed("Stop"));
    for (const late of [failed(1, true), done(1), started(1)]) expect(play(...question, typed("Stop"), late)).toEqual(before);
  });
});

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
  always(typed("typed")),
  always(line("line")),
  always(interrupt),
  { weight: 3, arbitrary: ofResponse(started) },
  { weight: 3, arbitrary: ofResponse(done) },
  ofResponse((response) => failed(response, true)),
  ofResponse((response) => failed(response, false)),
);

/** Follows the commands as those who carry them out do, and complains where they could not. */
class Listener {
  readonly over = new Set<number>();
  readonly held = new Set<number>();
  readonly openUtterances = new Set<number>();
  responses = 0;
  utterances = 0;

  follow(command: TurnCommand): void {
    switch (command.kind) {
      case "answer":
        this.utterances = Math.max(this.utterances, command.utterance);
        return this.#respond(command.response);
      case "say":
        return this.#respond(command.response);
      case "open-utterance":
        expect(command.utterance).toBe(this.utterances + 1);
        expect(this.openUtterances.size).toBe(0);
        this.utterances = command.utterance;
        this.openUtterances.add(command.utterance);
        return;
      case "close-utterance":
        expect(this.openUtterances.delete(command.utterance)).toBe(true);
        return;
      case "hold":
        this.#issued(command.response);
        expect(this.over.has(command.response)).toBe(false);
        this.held.add(command.response);
        return;
      case "release":
        expect(this.held.delete(command.response)).toBe(true);
        expect(this.over.has(command.response)).toBe(false);
        return;
      case "cancel":
        this.#issued(command.response);
        this.over.add(command.response);
        return;
      default:
        expect(command.utterance).toBeLessThanOrEqual(this.utterances + 1);
    }
  }

  #respond(response: number): void {
    expect(response).toBe(this.responses + 1);
    expect(response === 1 || this.over.has(response - 1)).toBe(true);
    this.responses = response;
  }

  #issued(response: number): void {
    expect(response).toBeGreaterThan(0);
    expect(response).toBeLessThanOrEqual(this.responses);
  }
}

describe("any sequence of events", () => {
  it("numbers without gaps, keeps one response open, holds and cancels only what was issued, and never gets stuck", () => {
    fc.assert(
      fc.property(fc.array(nextEvent, { maxLength: 60 }), (events) => {
        const listener = new Listener();
        let state = initialTurnState;
        for (const event of events) {
          const next = event(state);
          if ((next.kind === "response-done" || next.kind === "response-failed") && next.response <= listener.responses)
            listener.over.add(next.response);
          const step = takeTurn(state, next, policy);
          for (const command of step.commands) listener.follow(command);
          state = step.state;
          expect(state.lastResponse).toBe(listener.responses);
          expect(state.lastUtterance).toBe(listener.utterances);
          expect(state.lines.length).toBeLessThanOrEqual(policy.maxLines);
          expectMoving(state, listener);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Whoever has the turn, something that is still to come will end it. */
function expectMoving({ turn, lines }: TurnState, listener: Listener): void {
  const open = turn.phase === "hearing" ? turn.speaking : turn.phase === "answering" && turn.murmur !== undefined;
  expect(listener.openUtterances.size).toBe(open ? 1 : 0);
  if (turn.phase === "idle") expect(lines).toEqual([]);
  if (turn.phase === "answering") expect(turn.response).toBe(listener.responses);
  if (turn.phase === "answering") expect(listener.over.has(turn.response)).toBe(false);
  if (turn.phase === "hearing" && !turn.speaking) expect(turn.heard.some((part) => part.text === undefined)).toBe(true);
}
