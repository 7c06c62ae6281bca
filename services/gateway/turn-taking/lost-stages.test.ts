import { describe, expect, it } from "vitest";
import {
  apologise,
  disclaimer,
  done,
  end,
  failed,
  guess,
  heard,
  onset,
  play,
  playWith,
  policy,
  stalled,
  started,
  unheard,
} from "./testing/events.ts";

const question = [onset, end(1), heard(1, "What time is it?")] as const;
const asked = play(...question).commands;
const bridge = policy.bridges[0]?.text;
const excuse = policy.excuses[0]?.text;
const [caught, caughtInChinese] = policy.unheard.map(({ text }) => text);

describe("an answer that is lost with a stage", () => {
  it("is given again after a word of patience", () => {
    const { commands } = play(...question, failed(1, true, true), done(2), done(3));
    expect(commands.slice(asked.length)).toEqual(["cancel 1", `say 2: ${bridge}`, "answer 3 to 1: What time is it?"]);
  });

  it("is given again though the word of patience failed", () => {
    for (const lost of [true, false]) {
      const { commands } = play(...question, failed(1, true, true), failed(2, true, lost));
      expect(commands.slice(-2)).toEqual(["cancel 2", "answer 3 to 1: What time is it?"]);
    }
  });

  it("is excused when that is lost, too; a lost excuse is said once more", () => {
    const twice = [...question, failed(1, true, true), done(2), failed(3, true, true)] as const;
    expect(play(...twice).commands.at(-1)).toBe(`say 4: ${excuse}`);
    expect(play(...twice, failed(4, true, true)).commands.at(-1)).toBe(`say 5: ${excuse}`);
    expect(play(...twice, failed(4, true, true), failed(5, true, true)).state.turn).toEqual({ phase: "idle" });
  });

  it("is not given when the person asks something else meanwhile", () => {
    const { commands } = play(
      ...question,
      failed(1, true, true),
      started(2),
      onset,
      guess(2, "Never mind"),
      end(2),
      heard(2, "Never mind that."),
    );
    expect(commands.slice(-3)).toEqual(["cancel 2", "close-utterance 2", "answer 3 to 2: Never mind that."]);
  });

  it("waits for the stage; what the person says meanwhile goes on with the question, and is no interruption", () => {
    const { commands } = play(...question, started(1), stalled(1), onset, end(2), heard(2, "Hello?"));
    expect(commands.slice(asked.length)).toEqual([
      "cancel 1",
      "open-utterance 2",
      "close-utterance 2",
      "answer 2 to 2: What time is it? Hello?",
    ]);
  });

  it("is given up after that, and excused when the stage is back, unless something else was said", () => {
    const givenUp = [...question, stalled(1), failed(1, false)] as const;
    expect(play(...givenUp).state.turn).toEqual({ phase: "idle" });
    expect(play(...givenUp, apologise()).commands.at(-1)).toBe(`say 2: ${excuse}`);
    expect(play(...givenUp, onset, apologise()).commands.at(-1)).toBe("open-utterance 2");
  });
});

describe("words that recognition lost", () => {
  it("are asked for again, in the person's language", () => {
    expect(play(onset, end(1), unheard(1)).commands.at(-1)).toBe(`say 1: ${caught}`);
    expect(play(onset, end(1), unheard(1, "zh-CN")).commands.at(-1)).toBe(`say 1: ${caughtInChinese}`);
  });

  it("are asked for once the person is silent", () => {
    expect(play(onset, unheard(1)).commands).toEqual(["open-utterance 1"]);
    expect(play(onset, unheard(1), end(1)).commands).toEqual(["open-utterance 1", "close-utterance 1", `say 1: ${caught}`]);
  });

  it("are not asked for where others were understood, or the caller decides what is said", () => {
    expect(play(onset, end(1), onset, heard(1, "What time is it?"), end(2), unheard(2)).commands.at(-1)).toBe(
      "answer 1 to 1: What time is it?",
    );
    const withheld = playWith({ ...policy, withholdResponse: true }, onset, end(1), unheard(1));
    expect(withheld.commands.at(-1)).toBe("nothing-heard 1");
  });

  it("are asked for after what is said to its end", () => {
    const { commands } = play(disclaimer("This call is recorded."), started(1), onset, end(1), unheard(1), done(1));
    expect(commands.slice(-2)).toEqual(["close-utterance 1", `say 2: ${caught}`]);
  });
});
