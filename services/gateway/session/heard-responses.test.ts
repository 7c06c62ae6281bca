import { create } from "@bufbuild/protobuf";
import { type ConverseResponse, PlaybackSchema, PresentedWordSchema } from "@troupe/contracts";
import { createManualClock } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { ConversationLog } from "./conversation-log.ts";
import { HeardResponses, type PresentedResponse } from "./heard-responses.ts";
import { PlaybackPosition } from "./playback-position.ts";

const words = ["On", "Sundays", "we", "open", "at", "ten."].map((text, index) =>
  create(PresentedWordSchema, {
    text,
    sessionEndUs: BigInt(5_000_000 + (index + 1) * 300_000),
    responseEndUs: BigInt((index + 1) * 300_000),
  }),
);

function conversation() {
  const clock = createManualClock();
  const log = new ConversationLog();
  const playback = new PlaybackPosition();
  const events: ConverseResponse["event"][] = [];
  const heard = new HeardResponses({ clock, log, playback, emit: (event) => events.push(event) });
  log.addQuestion(1, "When?");
  log.beginResponse(1);
  const cut: PresentedResponse = {
    response: 1,
    complete: false,
    text: "On Sundays we open at",
    presentedUs: 1_650_000,
    words: words.slice(0, 5),
    heardUntil: undefined,
  };
  return {
    clock,
    heard,
    cut,
    report: (positionUs: number, silencedAtUs?: number) => {
      const silenced = silencedAtUs === undefined ? undefined : { response: 1, atUs: BigInt(silencedAtUs) };
      const response = playback.report(create(PlaybackSchema, { positionUs: BigInt(positionUs), ...(silenced ? { silenced } : {}) }));
      if (response !== undefined) heard.silenced(response);
    },
    history: () => log.messages().map((message) => message.text),
    told: () =>
      events
        .map(({ value }) => value)
        .map((value) => (value && "heardUs" in value ? [value.text, Number(value.heardUs), value.reported] : [])),
  };
}

/** Whether a promise has been settled by now. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe("what was heard of a cancelled response", () => {
  it("is cut to the words that had ended where the client fell silent, whether it tells before or after the presenter", async () => {
    for (const before of [true, false]) {
      const { heard, report, cut, history, told } = conversation();
      report(5_500_000);
      heard.expect(1);
      if (before) report(5_900_000, 5_950_000);
      heard.ended(cut);
      expect(await isSettled(heard.settled())).toBe(before);
      if (!before) report(5_900_000, 5_950_000);
      expect(await isSettled(heard.settled())).toBe(true);
      expect(history()).toEqual(["When?", "On Sundays we"]);
      expect(told()).toEqual([["On Sundays we", 900_000, true]]);
    }
  });

  it("is what left the presenter when the client does not tell in time", async () => {
    const { heard, report, cut, history, told, clock } = conversation();
    report(5_500_000);
    heard.expect(1);
    heard.ended(cut);
    await clock.advance(299);
    expect(told()).toEqual([]);
    await clock.advance(1);
    expect(told()).toEqual([["On Sundays we open at", 1_650_000, false]]);
    report(5_600_000, 5_350_000);
    expect(history()).toEqual(["When?", "On Sundays we open at"]);
  });

  it("is known at once from a client that never reports", async () => {
    const { heard, cut, told } = conversation();
    heard.expect(1);
    heard.ended(cut);
    expect(await isSettled(heard.settled())).toBe(true);
    expect(told()).toEqual([["On Sundays we open at", 1_650_000, false]]);
  });

  it("is nothing where nothing of it was heard", () => {
    const { heard, report, cut, history, told } = conversation();
    heard.expect(1);
    report(5_000_000, 5_100_000);
    heard.ended(cut);
    expect(history()).toEqual(["When?"]);
    expect(told()).toEqual([["", 0, true]]);
  });

  it("is cut where the caller says, also of one that is over", () => {
    const { heard, cut, history, told } = conversation();
    heard.ended({ ...cut, complete: true, text: "On Sundays we open at ten.", words, presentedUs: 1_900_000 });
    expect(told()).toEqual([]);
    heard.truncate(1, 700_000);
    expect(history()).toEqual(["When?", "On Sundays"]);
    heard.truncate(1, 1_900_000);
    expect(told()).toEqual([
      ["On Sundays", 600_000, true],
      ["On Sundays we open at ten.", 1_900_000, true],
    ]);
    expect(() => heard.truncate(2, 0)).toThrow("not known");
  });

  it("does not keep anybody waiting when the session closes", async () => {
    const { heard } = conversation();
    heard.expect(1);
    heard.close();
    expect(await isSettled(heard.settled())).toBe(true);
  });
});
