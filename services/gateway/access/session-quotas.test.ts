import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { standingClock } from "../http/live.testing.ts";
import type { MeteredSession } from "./key-use.ts";
import { type AccessLimits, unlimited } from "./principal.ts";
import { SessionQuotas } from "./session-quotas.ts";

const minuteMs = 60_000;

function keyWith(limits: Partial<AccessLimits>, startUtcMs?: number) {
  const { clock, utcNowMs } = standingClock(startUtcMs);
  const quotas = new SessionQuotas({ clock, utcNowMs });
  const principal = { tenant: "acme", key: "k", limits: { ...unlimited, ...limits }, motionOnly: false };
  let opened = 0;
  const open = () => {
    const admission = quotas.admit(principal);
    const ending = Promise.withResolvers<string>();
    const told: string[] = [];
    const session: MeteredSession = {
      id: `s${++opened}`,
      lastedMs: 0,
      ended: ending.promise,
      concluded: ending.promise.then((reason) => reason !== "moved"),
      warn: (seconds) => void told.push(`${seconds} s`),
      limitReached: () => {
        told.push("over");
        ending.resolve("session_limit");
      },
    };
    admission.opened(session);
    return { told, end: (reason = "client") => ending.resolve(reason), session };
  };
  return { clock, quotas, principal, open };
}

describe("a key's sessions at a time", () => {
  it("are limited, and a place is free again however a session ended", async () => {
    const { clock, open } = keyWith({ maxSessions: 2 });
    for (const reason of ["client", "lost", "idle", "drained"]) {
      const [one, two] = [open(), open()];
      expect(open).toThrow(
        expect.objectContaining({
          reason: "LIMIT_REACHED",
          metadata: { limit: "max_sessions", value: "2" },
          retryAfterMs: expect.any(Number),
        }),
      );
      one.end(reason);
      one.end("again");
      await clock.advance(1);
      const third = open();
      expect(open).toThrow("sessions at a time");
      two.end(reason);
      third.end(reason);
      await clock.advance(1);
    }
  });

  it("count while they are being opened, and no longer when that failed", () => {
    const { quotas, principal } = keyWith({ maxSessions: 1 });
    const admission = quotas.admit(principal);
    expect(() => quotas.admit(principal)).toThrow("sessions at a time");
    admission.failed();
    admission.failed();
    quotas.admit(principal);
    expect(() => quotas.admit(principal)).toThrow("sessions at a time");
  });

  it("are another key's own business", () => {
    const { quotas, principal } = keyWith({ maxSessions: 1 });
    quotas.admit(principal);
    expect(() => quotas.admit({ ...principal, key: "other" })).not.toThrow();
  });
});

describe("the length of a session", () => {
  it("ends it after a warning", async () => {
    const { clock, open } = keyWith({ maxSessionSeconds: 300 });
    const { told } = open();
    await clock.advance(239_000);
    expect(told).toEqual([]);
    await clock.advance(1000);
    expect(told).toEqual(["60 s"]);
    await clock.advance(59_999);
    expect(told).toEqual(["60 s"]);
    await clock.advance(1);
    expect(told).toEqual(["60 s", "over"]);
  });

  it("may be longer than a timer can be", async () => {
    const { clock, open } = keyWith({ maxSessionSeconds: 40 * 86_400 });
    const { told } = open();
    await clock.advance(39 * 86_400_000);
    expect(told).toEqual([]);
    await clock.advance(86_400_000);
    expect(told).toEqual(["60 s", "over"]);
  });
});

describe("a session that comes from another gateway", () => {
  function adopted(quotas: SessionQuotas, principal: Parameters<SessionQuotas["adopt"]>[0], lastedMs: number) {
    const told: string[] = [];
    const ending = Promise.withResolvers<boolean>();
    quotas.adopt(principal, {
      id: "s1",
      lastedMs,
      ended: ending.promise,
      concluded: ending.promise,
      warn: (seconds) => void told.push(`${seconds} s`),
      limitReached: () => void told.push("over"),
    });
    return { told, end: (over: boolean) => ending.resolve(over) };
  }

  it("has lasted since it was opened there", async () => {
    const { clock, quotas, principal } = keyWith({ maxSessionSeconds: 300 });
    const { told } = adopted(quotas, principal, 200_000);
    await clock.advance(40_000);
    expect(told).toEqual(["60 s"]);
    await clock.advance(60_000);
    expect(told).toEqual(["60 s", "over"]);
  });

  it("uses up the minutes of its day since midnight", async () => {
    const { clock, quotas, principal } = keyWith({ minutesPerDay: 10 }, Date.UTC(2026, 10, 24, 0, 4));
    const { told } = adopted(quotas, principal, 60 * minuteMs);
    await clock.advance(6 * minuteMs - 1);
    expect(told).toEqual(["60 s"]);
    await clock.advance(1);
    expect(told).toEqual(["60 s", "over"]);
  });

  it("and had left from here counts once", async () => {
    const { clock, quotas, principal, open } = keyWith({ minutesPerDay: 10 });
    const { end } = open();
    await clock.advance(4 * minuteMs);
    end("moved");
    await clock.advance(2 * minuteMs);
    const back = adopted(quotas, principal, 6 * minuteMs);
    await clock.advance(3 * minuteMs);
    expect(back.told).toEqual(["60 s"]);
    await clock.advance(minuteMs);
    expect(back.told).toEqual(["60 s", "over"]);
  });
});

describe("a key's minutes of a day", () => {
  it("are used up by all its sessions together", async () => {
    const { clock, open } = keyWith({ minutesPerDay: 10 });
    const one = open();
    await clock.advance(4 * minuteMs);
    const two = open();
    await clock.advance(2 * minuteMs);
    expect([one.told, two.told]).toEqual([["60 s"], ["60 s"]]);
    await clock.advance(minuteMs);
    expect([one.told, two.told]).toEqual([
      ["60 s", "over"],
      ["60 s", "over"],
    ]);
    expect(open).toThrow(
      expect.objectContaining({ metadata: { limit: "minutes_per_day", value: "10" }, retryAfterMs: 12 * 3_600_000 - 7 * minuteMs }),
    );
  });

  it("begin again at midnight UTC, for a session that runs through it, too", async () => {
    const { clock, open } = keyWith({ minutesPerDay: 10 }, Date.UTC(2026, 10, 24, 23, 55));
    const { told } = open();
    await clock.advance(14 * minuteMs - 1);
    expect(told).toEqual([]);
    await clock.advance(minuteMs + 1);
    expect(told).toEqual(["60 s", "over"]);
    expect(open).toThrow("minutes a day");
    await clock.advance(24 * 60 * minuteMs);
    expect(open).not.toThrow();
  });

  it("count each session once: whatever comes and goes, all of them together last as long as the key allows", async () => {
    const step = fc.record({ opens: fc.boolean(), seconds: fc.integer({ min: 0, max: 400 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { clock, open } = keyWith({ minutesPerDay: 60 });
        let totalMs = 0;
        const begin = () => {
          const beganMs = clock.nowMs();
          const { session, end } = open();
          void session.ended.then(() => {
            totalMs += clock.nowMs() - beganMs;
          });
          return end;
        };
        const ends = [begin()];
        for (const { opens, seconds } of steps) {
          if (opens) ends.push(begin());
          else if (ends.length > 1) ends.shift()?.();
          await clock.advance(seconds * 1000).catch(() => undefined);
          if (totalMs >= 60 * minuteMs) break;
        }
        await clock.advance(60 * minuteMs);
        expect(totalMs).toBeGreaterThanOrEqual(60 * minuteMs);
        expect(totalMs).toBeLessThan(60 * minuteMs + 100);
      }),
      { numRuns: 60 },
    );
  });
});
