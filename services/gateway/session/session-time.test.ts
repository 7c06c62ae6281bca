import { NoticeKind } from "@troupe/contracts";
import { createManualClock } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { SessionTime, type SessionTimes } from "./session-time.ts";

function limited(times: SessionTimes) {
  const clock = createManualClock();
  const log: string[] = [];
  const time = new SessionTime(
    {
      clock,
      emit: (event) =>
        event.case === "notice" &&
        log.push(`${event.value.kind === NoticeKind.IDLE ? "IDLE" : "SESSION_LIMIT"} in ${event.value.seconds} at ${clock.nowMs() / 1000}`),
      onExpire: (reason) => log.push(`${reason} at ${clock.nowMs() / 1000}`),
    },
    times,
  );
  return { clock, log, time };
}

describe("the time of a session", () => {
  it("ends when nothing happens, and says so before", async () => {
    const { clock, log, time } = limited({ idleSeconds: 60, maxSessionSeconds: 0, noticeSeconds: 10 });
    await clock.advance(55_000);
    time.active();
    await clock.advance(49_999);
    expect(log).toEqual(["IDLE in 10 at 50"]);
    await clock.advance(20_000);
    expect(log).toEqual(["IDLE in 10 at 50", "IDLE in 10 at 105", "idle at 115"]);
  });

  it("ends at its limit, whatever happens", async () => {
    const { clock, log, time } = limited({ idleSeconds: 40, maxSessionSeconds: 100, noticeSeconds: 30 });
    for (let second = 0; second < 100; second += 5) {
      time.active();
      await clock.advance(5000);
    }
    expect(log).toEqual(["SESSION_LIMIT in 30 at 70", "session_limit at 100"]);
  });

  it("counts from its real beginning where it began at another gateway", async () => {
    const { clock, log } = limited({ idleSeconds: 0, maxSessionSeconds: 100, noticeSeconds: 30, lastedSeconds: 50 });
    await clock.advance(60_000);
    expect(log).toEqual(["SESSION_LIMIT in 30 at 20", "session_limit at 50"]);
    const late = limited({ idleSeconds: 0, maxSessionSeconds: 100, noticeSeconds: 30, lastedSeconds: 95 });
    await late.clock.advance(60_000);
    expect(late.log).toEqual(["SESSION_LIMIT in 5 at 0", "session_limit at 5"]);
  });

  it("has no end of its own without limits, or once closed", async () => {
    const free = limited({ idleSeconds: 0, maxSessionSeconds: 0, noticeSeconds: 10 });
    await free.clock.advance(1e7);
    expect(free.log).toEqual([]);
    const closed = limited({ idleSeconds: 10, maxSessionSeconds: 10, noticeSeconds: 0 });
    closed.time.close();
    closed.time.active();
    await closed.clock.advance(20_000);
    expect(closed.log).toEqual([]);
  });
});
