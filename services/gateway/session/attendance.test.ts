import { create } from "@bufbuild/protobuf";
import { PlaybackSchema } from "@troupe/contracts";
import { createManualClock } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { defaultTurnPolicy, initialTurnState, type TurnEvent, takeTurn } from "../turn-taking/index.ts";
import { Attendance } from "./attendance.ts";
import { PlaybackPosition } from "./playback-position.ts";

/** A response is being said to a client. */
function talking() {
  const clock = createManualClock();
  const playback = new PlaybackPosition();
  const log: string[] = [];
  let state = initialTurnState;
  const dispatch = (event: TurnEvent) => {
    const step = takeTurn(state, event, defaultTurnPolicy);
    state = step.state;
    for (const { kind } of step.commands) if (kind === "hold" || kind === "release") log.push(`${kind} at ${clock.nowMs()}`);
  };
  const attendance = new Attendance({ clock, playback, turn: () => state, dispatch });
  dispatch({ kind: "say", text: "Hello.", language: "en" });
  dispatch({ kind: "response-started", response: 1 });
  attendance.expectReport();
  const report = (positionUs: number) => {
    playback.report(create(PlaybackSchema, { positionUs: BigInt(positionUs) }));
    attendance.reported();
  };
  return { clock, attendance, report, log, dispatch };
}

describe("the attendance of a client", () => {
  it("is over when it leaves; what waited goes on when it has told how far the person heard, or soon after", async () => {
    const { clock, attendance, report, log } = talking();
    attendance.left();
    await clock.advance(1000);
    attendance.returned();
    await clock.advance(50);
    report(700_000);
    await clock.advance(1000);
    attendance.left();
    attendance.returned();
    await clock.advance(1000);
    expect(log).toEqual(["hold at 0", "release at 1050", "hold at 2050", "release at 2250"]);
  });

  it("is taken for over when one that reported tells nothing more while something sounds", async () => {
    const { clock, report, log } = talking();
    await clock.advance(1000);
    report(100_000);
    await clock.advance(250);
    report(350_000);
    await clock.advance(9000);
    report(400_000);
    await clock.advance(1000);
    expect(log).toEqual(["hold at 2750", "release at 10250"]);
  });

  it("is not doubted where no client ever reports, or nothing sounds", async () => {
    const silent = talking();
    await silent.clock.advance(20_000);
    expect(silent.log).toEqual([]);
    const { clock, report, log, dispatch } = talking();
    report(100_000);
    dispatch({ kind: "response-done", response: 1 });
    await clock.advance(20_000);
    expect(log).toEqual([]);
  });

  it("counts as one absence when a silent client then leaves", async () => {
    const { clock, attendance, report, log } = talking();
    report(100_000);
    await clock.advance(2000);
    attendance.left();
    await clock.advance(2000);
    attendance.returned();
    await clock.advance(250);
    expect(log).toEqual(["hold at 1500", "release at 4200"]);
  });
});
