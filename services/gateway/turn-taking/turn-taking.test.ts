import { describe, expect, it } from "vitest";
import type { TurnEvent } from "./index.ts";
import {
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
  play,
  playWith,
  policy,
  respond,
  resumed,
  returned,
  silent,
  started,
  typed,
  unheard,
} from "./testing/events.ts";

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
    const { state, commands } = play(onset, end(1), heard(1, ""));
    expect(commands.at(-1)).toBe("nothing-heard 1");
    expect(state.turn).toEqual({ phase: "idle" });
  });
});

describe("speaking into a response", () => {
  const talking = [...question, started(1)] as const;
  const held = [...asked, "hold 1", "decide-later 2", "open-utterance 2"];
  const murmured = [...talking, onset, due(2, false)] as const;
  const letGoOn = [...held, "release 1", "decide-later 2"];
  /** Looked at until a voice that lasts takes the turn, whatever it says. */
  const steps = (policy.bargeInBlindMs - policy.bargeInDecisionMs) / policy.bargeInStepMs;
  const speakingOn = (utterance: number) => Array.from({ length: steps + 1 }, () => due(utterance, true));
  const looks = (utterance: number) => Array.from({ length: steps }, () => `decide-later ${utterance}`);

  it("holds it, and cancels it when the person still speaks as the decision is due", () => {
    const { commands } = play(...talking, onset, ...speakingOn(2), end(2), heard(2, "Wait."));
    expect(commands).toEqual([...held, ...looks(2), "cancel 1", "close-utterance 2", "answer 2 to 2: Wait."]);
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
    const { commands } = play(
      ...murmured,
      due(2, false),
      due(2, true),
      due(2, true),
      ...speakingOn(2),
      end(2),
      heard(2, "Mm, tell me more."),
    );
    const again = ["decide-later 2", "hold 1", "decide-later 2", ...looks(2)];
    expect(commands).toEqual([...letGoOn, "decide-later 2", ...again, "cancel 1", "close-utterance 2", "answer 2 to 2: Mm, tell me more."]);
  });

  it.each<[string, TurnEvent, readonly string[]]>([
    ["ends", done(1), ["close-utterance 2"]],
    ["fails", failed(1, true), ["cancel 1", `say 2: ${excuse}`, "close-utterance 2"]],
    ["gives way to typing", typed("Stop"), ["cancel 1", "close-utterance 2", "type-utterance 3", "answer 2 to 3: Stop"]],
    ["is stopped", interrupt, ["cancel 1", "close-utterance 2"]],
  ])("leaves no utterance open when the response it let go on %s meanwhile", (_, event, commands) => {
    expect(play(...murmured, event, end(2), due(2, true), heard(2, "Mm-hm.")).commands).toEqual([...letGoOn, ...commands]);
  });

  it("is not moved by a voice that is there again for a moment only", () => {
    const { commands } = play(...murmured, due(2, true), due(2, false), due(2, true), due(2, false), end(2), heard(2, "Mm, ah."));
    expect(commands.filter((command) => command === "hold 1")).toHaveLength(1);
  });

  it("keeps it held through a pause between words whose beginning is not recognised yet", () => {
    const pause = [96, 128, 160, 192].map((silentMs) => silent(2, silentMs));
    const { commands } = play(...talking, onset, ...pause, due(2, true), guess(2, "Stop. Please"), end(2));
    expect(commands.slice(held.length)).toEqual([...[...pause, 1].map(() => "decide-later 2"), "cancel 1", "close-utterance 2"]);
  });

  it("keeps it held through a pause after one word that is none of the stops, while more may follow", () => {
    const { commands } = play(...talking, onset, guess(2, "Sorry", true, 96), silent(2, 160), due(2, true), guess(2, "Sorry, I"), end(2));
    expect(commands.slice(held.length)).toEqual(["decide-later 2", "decide-later 2", "cancel 1", "close-utterance 2"]);
  });

  it("lets it go on after a single word, which may be misheard, but not while its voice lasts", () => {
    const looks = (until: number) =>
      Array.from({ length: (until - policy.bargeInDecisionMs) / policy.bargeInStepMs + 1 }, () => due(2, true));
    const misheard = play(...talking, onset, guess(2, "你好"), ...looks(policy.bargeInLatestMs), silent(2, policy.bargeInGapMs), end(2));
    expect(misheard.commands.at(-3)).toBe("release 1");
    const meant = play(...talking, onset, guess(2, "门票"), ...looks(policy.bargeInWordMs), end(2));
    expect(meant.commands.slice(-2)).toEqual(["cancel 1", "close-utterance 2"]);
    expect(meant.commands).not.toContain("release 1");
  });

  it("lets it go on in time when it was too little to be meant", () => {
    const late = (policy.bargeInLatestMs - policy.bargeInDecisionMs) / policy.bargeInStepMs;
    const { commands } = play(...talking, onset, guess(2, "How", true, 96), ...Array.from({ length: late + 1 }, () => silent(2, 200)));
    expect(commands.slice(held.length)).toEqual([...Array.from({ length: late }, () => "decide-later 2"), "release 1", "decide-later 2"]);
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
  it("is answered at once", () => expect(play(typed("Hallo")).commands).toEqual(["type-utterance 1", "answer 1 to 1: Hallo"]));

  it("ends the response that is given", () => {
    expect(play(...question, typed("Stop")).commands.slice(3)).toEqual(["cancel 1", "type-utterance 2", "answer 2 to 2: Stop"]);
  });

  it("while speaking ends the utterance, whose words and end are not waited for", () => {
    const { state, commands } = play(onset, typed("Hallo"), end(1), heard(1, "spoken"));
    expect(commands).toEqual(["open-utterance 1", "close-utterance 1", "type-utterance 2", "answer 1 to 2: Hallo"]);
    expect(state.turn).toMatchObject({ phase: "answering", response: 1 });
  });

  it("while speaking into a response ends both", () => {
    const { commands } = play(...question, started(1), onset, typed("Hallo"));
    expect(commands.slice(6)).toEqual(["cancel 1", "close-utterance 2", "type-utterance 3", "answer 2 to 3: Hallo"]);
  });

  it("does not close an utterance that has ended", () => {
    expect(play(onset, end(1), typed("Hallo")).commands).toEqual([
      "open-utterance 1",
      "close-utterance 1",
      "type-utterance 2",
      "answer 1 to 2: Hallo",
    ]);
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

describe("a back-channel", () => {
  const talking = [...question, started(1)] as const;
  const interrupted = [...asked, "hold 1", "decide-later 2", "open-utterance 2"];
  const untilLatest = Array.from({ length: (policy.bargeInLatestMs - policy.bargeInDecisionMs) / policy.bargeInStepMs + 1 }, () =>
    due(2, true),
  );

  it.each(["Mm-hm.", "uh-huh", "Yeah, yeah.", "Right, I see.", "嗯，对。", "好的", "Okay."])(
    "lets the response go on by its words: %s",
    (words) => {
      const { commands } = play(...talking, onset, guess(2, words, true, 96), due(2, false), end(2), heard(2, words), done(1));
      expect(commands).toEqual([...interrupted, "release 1", "decide-later 2", "close-utterance 2"]);
    },
  );

  it("lets it go on as soon as the voice is over", () => {
    const { commands } = play(...talking, onset, guess(2, "Okay."), silent(2, 32), silent(2, policy.backChannelGapMs));
    expect(commands).toEqual([...interrupted, "decide-later 2", "release 1", "decide-later 2"]);
  });

  it("lets it go on in time, however long it lasts", () => {
    const { commands } = play(...talking, onset, guess(2, "I see."), ...untilLatest);
    expect(commands.slice(-2)).toEqual(["release 1", "decide-later 2"]);
  });

  it("while whose voice lasts leaves the response held: more words may follow", () => {
    const { commands } = play(...talking, onset, guess(2, "Right."), due(2, true), guess(2, "Right, but what"), end(2));
    expect(commands).toEqual([...interrupted, "decide-later 2", "cancel 1", "close-utterance 2"]);
  });

  it("is thanks that nothing follows; those that go on end it, without its being heard again", () => {
    expect(play(...talking, onset, guess(2, "Thank you.", true, 96)).commands).toEqual([...interrupted, "release 1"]);
    const { commands } = play(...talking, onset, guess(2, "Thank you"), ...untilLatest, end(2), heard(2, "Thank you, that's enough."));
    expect(commands).not.toContain("release 1");
    expect(commands.slice(-3)).toEqual(["cancel 1", "close-utterance 2", "answer 2 to 2: Thank you, that's enough."]);
  });

  it.each(["不对", "部队", "等一下", "好的我想问", "Stop", "Tell me the price"])("is not swallowed where it is none: %s", (words) => {
    const { commands } = play(...talking, onset, guess(2, words, true, 96), end(2), heard(2, words));
    expect(commands.slice(interrupted.length)).toEqual(["cancel 1", "close-utterance 2", `answer 2 to 2: ${words}`]);
  });

  it("that turns out to be more ends it", () => {
    const { commands } = play(
      ...talking,
      onset,
      guess(2, "Yeah.", true, 96),
      guess(2, "Yeah, but what about"),
      end(2),
      heard(2, "Yeah, but what about Monday?"),
    );
    const rest = ["release 1", "cancel 1", "close-utterance 2", "answer 2 to 2: Yeah, but what about Monday?"];
    expect(commands).toEqual([...interrupted, ...rest]);
  });

  it("is what the avatar says itself, come back through the microphone", () => {
    const own = "the museum is open from ten";
    const echoed = (event: TurnEvent) => ({ ...event, echo: true }) as TurnEvent;
    const { commands } = play(...talking, onset, echoed(guess(2, own)), due(2, true), end(2), echoed(heard(2, own)), done(1));
    expect(commands).toEqual([...interrupted, "release 1", "decide-later 2", "close-utterance 2"]);
  });

  it("that lasts too long holds it again", () => {
    const looks = Math.ceil(policy.murmurPatienceMs / policy.murmurCheckMs);
    const { commands } = play(...talking, onset, guess(2, "Yeah.", true, 96), ...Array.from({ length: looks + 2 }, () => due(2, true)));
    expect(commands.at(-2)).toBe("hold 1");
    expect(commands.filter((command) => command === "hold 1")).toHaveLength(2);
  });

  it("is told from words that mean it, of which the first are enough", () => {
    const { commands } = play(...talking, onset, guess(2, "And for"), end(2), heard(2, "And for children?"));
    expect(commands.slice(interrupted.length)).toEqual(["cancel 1", "close-utterance 2", "answer 2 to 2: And for children?"]);
  });

  it("is not told from words that recognition makes of a sound that seems to be over", () => {
    const { commands } = play(...talking, onset, guess(2, "How", true), due(2, false), end(2), heard(2, "How"));
    expect(commands).toEqual([...interrupted, "decide-later 2", "close-utterance 2", "release 1"]);
    const longer = play(...talking, onset, due(2, false), end(2), heard(2, "How much is it?")).commands;
    expect(longer.slice(-2)).toEqual(["cancel 1", "answer 2 to 2: How much is it?"]);
  });

  it("is none where a short word stops it, though it was let go on before that was understood", () => {
    for (const word of ["Stop!", "Wait.", "等一下。"]) {
      const { commands } = play(...talking, onset, due(2, false), end(2), heard(2, word));
      expect(commands.slice(interrupted.length)).toEqual([
        "release 1",
        "decide-later 2",
        "close-utterance 2",
        "cancel 1",
        `answer 2 to 2: ${word}`,
      ]);
    }
  });

  it("over which the response ends is not answered, words over which it ends are", () => {
    const spoken = (words: string) =>
      play(...talking, onset, due(2, false), done(1), end(2), heard(2, words)).commands.slice(interrupted.length + 2);
    expect(spoken("Mm-hm.")).toEqual(["close-utterance 2"]);
    expect(spoken("And on Monday?")).toEqual(["close-utterance 2", "answer 2 to 2: And on Monday?"]);
  });

  it("is an answer where nothing is being said", () => {
    expect(play(onset, end(1), heard(1, "Yes.")).commands.at(-1)).toBe("answer 1 to 1: Yes.");
  });
});

describe("an answer that is begun before it is certain", () => {
  const sounding = [onset, guess(1, "What time is it?", true)] as const;
  const begun = ["open-utterance 1", "speculate 1 to 1: What time is it?"];

  it("is the answer when the words stay the same", () => {
    const { state, commands } = play(...sounding, guess(1, "What time is it?", true), end(1), heard(1, "what time is it"));
    expect(commands).toEqual([...begun, "close-utterance 1", "commit 1 to 1: what time is it"]);
    expect(state.turn).toMatchObject({ phase: "answering", response: 1, started: false });
  });

  it("is let go when the person goes on, and begun again", () => {
    const { commands } = play(
      ...sounding,
      resumed(1),
      guess(1, "What time is it in Rome?", true),
      end(1),
      heard(1, "What time is it in Rome?"),
    );
    const again = [
      "cancel 1",
      "speculate 2 to 1: What time is it in Rome?",
      "close-utterance 1",
      "commit 2 to 1: What time is it in Rome?",
    ];
    expect(commands).toEqual([...begun, ...again]);
  });

  it("is let go when the words were others, or none", () => {
    const after = (text: string) => play(...sounding, end(1), heard(1, text)).commands.slice(begun.length + 1);
    expect(after("What dime is it?")).toEqual(["cancel 1", "answer 2 to 1: What dime is it?"]);
    expect(after("")).toEqual(["cancel 1", "nothing-heard 1"]);
  });

  it("is let go on another breath, on typing and when it fails", () => {
    expect(play(...sounding, end(1), onset).commands.at(-2)).toBe("cancel 1");
    expect(play(...sounding, typed("Hallo")).commands).toContain("cancel 1");
    expect(play(...sounding, failed(1, false), end(1), heard(1, "What time is it?")).commands.at(-1)).toBe(
      "answer 2 to 1: What time is it?",
    );
  });

  it("goes together with what was said in the breath before", () => {
    const { commands } = play(onset, end(1), onset, heard(1, "What time"), guess(2, "is it?", true), end(2), heard(2, "is it?"));
    expect(commands.slice(-3)).toEqual(["speculate 1 to 2: What time is it?", "close-utterance 2", "commit 1 to 2: What time is it?"]);
  });

  it("is not begun while they speak into a response, nor where answers are withheld", () => {
    expect(play(...question, started(1), onset, guess(2, "What?", true)).commands.join()).not.toContain("speculate");
    expect(playWith({ ...policy, withholdResponse: true }, ...sounding).commands).toEqual(["open-utterance 1"]);
    expect(playWith({ ...policy, speculate: false }, ...sounding).commands).toEqual(["open-utterance 1"]);
  });
});

describe("what must be heard to its end", () => {
  const speaking = [disclaimer("This is a machine."), started(1)] as const;

  it("is not held by speech, which is answered afterwards", () => {
    const { commands } = play(...speaking, onset, end(1), heard(1, "Who are you?"), done(1));
    expect(commands).toEqual(["say 1: This is a machine.", "open-utterance 1", "close-utterance 1", "answer 2 to 1: Who are you?"]);
    expect(play(...speaking, onset, done(1), end(1), heard(1, "Who?")).commands.at(-1)).toBe("answer 2 to 1: Who?");
  });

  it("is neither ended by typing nor by a press of stop, but by its caller", () => {
    expect(play(...speaking, typed("Hi"), interrupt, done(1)).commands.slice(1)).toEqual(["type-utterance 1", "answer 2 to 1: Hi"]);
    expect(play(...speaking, cancelled(1)).commands.at(-1)).toBe("cancel 1");
  });

  it("leaves a back-channel beside it without an answer", () => {
    expect(play(...speaking, onset, end(1), heard(1, "Mm-hm."), done(1)).state.turn.phase).toBe("idle");
  });
});

describe("turns that the caller takes", () => {
  const withheld = { ...policy, withholdResponse: true };

  it("are noted, and answered when the caller asks", () => {
    const { commands } = playWith(withheld, ...question, onset, end(2), heard(2, "And where?"), respond);
    expect(commands).toEqual([
      "open-utterance 1",
      "close-utterance 1",
      "note 1: What time is it?",
      "open-utterance 2",
      "close-utterance 2",
      "note 2: And where?",
      "answer 1 to 0: undefined",
    ]);
  });

  it("are no typed words, which are answered at once", () => {
    const { commands } = playWith(withheld, ...question, typed("And where?"), started(1), typed("And when?"));
    const answers = ["type-utterance 2", "answer 1 to 2: And where?", "cancel 1", "type-utterance 3", "answer 2 to 3: And when?"];
    expect(commands.slice(2)).toEqual(["note 1: What time is it?", ...answers]);
  });

  it("are no words typed into what must be heard to its end: those are answered after it", () => {
    const { commands } = playWith(withheld, disclaimer("This is a machine."), started(1), typed("And where?"), done(1));
    expect(commands.slice(1)).toEqual(["type-utterance 1", "answer 2 to 1: And where?"]);
  });

  it("are answered when asked for before the words are there", () => {
    expect(playWith(withheld, onset, end(1), respond, heard(1, "Hi.")).commands.at(-1)).toBe("answer 1 to 1: Hi.");
    expect(playWith(withheld, onset, end(1), respond, heard(1, "")).commands.at(-1)).toBe("answer 1 to 0: undefined");
  });

  it("are forgotten when the caller says so", () => {
    expect(play(onset, discard(1), heard(1, "Hi.")).commands).toEqual(["open-utterance 1", "close-utterance 1"]);
    const { state, commands } = play(...question, started(1), onset, discard(2));
    expect(commands.slice(-2)).toEqual(["close-utterance 2", "release 1"]);
    expect(state).toEqual({ ...play(...question, started(1)).state, lastUtterance: 2 });
  });

  it("leave what is said alone where interruptions are ignored, and are answered after it", () => {
    const { commands } = playWith(
      { ...policy, ignoreInterruptions: true },
      ...question,
      started(1),
      onset,
      end(2),
      heard(2, "Hi."),
      done(1),
    );
    expect(commands.slice(asked.length)).toEqual(["open-utterance 2", "close-utterance 2", "answer 2 to 2: Hi."]);
  });

  it("end the current response, and no other", () => {
    expect(play(...question, cancelled(1)).commands.at(-1)).toBe("cancel 1");
    expect(play(...question, cancelled(2)).commands).toEqual(asked);
    expect(play(...question, started(1), onset, cancelled(1), end(2), heard(2, "Hi.")).commands.slice(-3)).toEqual([
      "cancel 1",
      "close-utterance 2",
      "answer 2 to 2: Hi.",
    ]);
  });
});

describe("while nobody is there", () => {
  it("what is said waits, and goes on afterwards", () => {
    expect(play(...question, started(1), left, left, returned, returned).commands.slice(asked.length)).toEqual(["hold 1", "release 1"]);
  });

  it("what was asked is answered, but not said", () => {
    const { commands } = play(onset, left, end(1), heard(1, "Hi."), returned);
    expect(commands.slice(-3)).toEqual(["answer 1 to 1: Hi.", "hold 1", "release 1"]);
  });

  it("a held response is not let go on before", () => {
    const { commands } = play(...question, started(1), onset, left, end(2), heard(2, ""), returned);
    expect(commands.slice(asked.length)).toEqual(["hold 1", "decide-later 2", "open-utterance 2", "close-utterance 2", "release 1"]);
  });
});
