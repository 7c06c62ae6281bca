import { describe, expect, it } from "vitest";
import { parseAuditLine } from "./audit-log.ts";
import { judge } from "./check-drains.ts";
import type { SessionRecord } from "./session-log.ts";

const operator = "troupe-operator";
const request = (utcMs: number, name: string, change: object = {}) => ({
  user: operator,
  verb: "delete",
  resource: "pods",
  subresource: "",
  namespace: "troupe-system",
  name,
  code: 200,
  utcMs,
  ...change,
});
const opened = (utcMs: number, session: string, replica: string): SessionRecord => ({
  utcMs,
  session,
  type: "opened",
  bindings: [{ stage: "llm", replica }],
});

describe("the checker of drains", () => {
  it("counts a session that stood on a pod when it was deleted as cut", () => {
    expect(judge([request(20, "a")], [opened(10, "s", "a")], operator)).toMatchObject({ deletions: 1, cut: 1, lost: 0 });
    expect(judge([request(20, "a")], [opened(10, "s", "a-llm")], operator).cut).toBe(1);
  });

  it("counts none that had moved, had ended, or came later", () => {
    const moved: SessionRecord = { utcMs: 20, session: "s", type: "moved", stage: "llm", replica: "b" };
    expect(judge([request(20, "a")], [opened(10, "s", "a"), moved], operator)).toMatchObject({ cut: 0, moved: 1 });
    expect(judge([request(20, "b")], [opened(10, "s", "a"), moved], operator).cut).toBe(1);
    expect(judge([request(20, "a")], [opened(10, "s", "a"), { utcMs: 15, session: "s", type: "ended" }], operator).cut).toBe(0);
    expect(judge([request(20, "a")], [opened(21, "s", "a")], operator).cut).toBe(0);
  });

  it("is not misled by a move that is told after the end of its session", () => {
    const log: SessionRecord[] = [
      opened(10, "s", "a"),
      { utcMs: 15, session: "s", type: "ended" },
      { utcMs: 16, session: "s", type: "moved", stage: "llm", replica: "b" },
    ];
    expect(judge([request(20, "b")], log, operator).cut).toBe(0);
  });

  it("takes the moment when a loss was noticed for its end, so that it counts as cut", () => {
    const lost: SessionRecord = { utcMs: 900, session: "s", type: "lost", stage: "llm", replica: "a" };
    expect(judge([request(20, "a")], [opened(10, "s", "a"), lost], operator)).toMatchObject({ cut: 1, lost: 1, missedLeases: 0 });
  });

  it("tells a loss whose pod is still there from one whose pod has gone", () => {
    const lost: SessionRecord = { utcMs: 15, session: "s", type: "lost", stage: "llm", replica: "a-llm" };
    const log = [opened(10, "s", "a-llm"), lost];
    expect(judge([request(20, "a")], log, operator)).toMatchObject({ cut: 0, lost: 0, missedLeases: 1 });
  });

  it("looks at the first request that succeeded, of deletes and evictions, and names who asked", () => {
    const evicted = request(10, "a", { user: "someone", verb: "create", subresource: "eviction", code: 201 });
    const refused = request(5, "a", { user: "other", verb: "create", subresource: "eviction", code: 429 });
    const figures = judge([refused, evicted, request(12, "a"), request(15, "a", { user: "kwok" })], [], operator);
    expect(figures).toMatchObject({ deletions: 1, byUser: { someone: 1 }, evictionsRefused: 1 });
    const unanswered = request(3, "a", { user: "slow", code: 504 });
    expect(judge([unanswered, request(5, "a")], [], operator).byUser).toEqual({ slow: 1 });
    expect(judge([unanswered], [], operator).deletions).toBe(0);
  });

  it("measures a drain from the naming of its victim, if somebody was served there", () => {
    const named = request(100, "a", { verb: "patch" });
    const moved: SessionRecord = { utcMs: 700, session: "s", type: "moved", stage: "llm", replica: "b" };
    expect(judge([named, request(900, "a")], [opened(10, "s", "a"), moved], operator)).toMatchObject({
      servedWhenNamed: 1,
      drainMs: [800],
    });
    expect(judge([named, request(900, "a")], [], operator)).toMatchObject({ servedWhenNamed: 0, drainMs: [] });
  });

  it("reads the time to the microsecond, and whom a request impersonates", () => {
    const line = JSON.stringify({
      stage: "ResponseComplete",
      verb: "delete",
      user: { username: "admin" },
      impersonatedUser: { username: operator },
      objectRef: { resource: "pods", namespace: "n", name: "a" },
      responseStatus: { code: 200 },
      requestReceivedTimestamp: "2026-01-01T00:00:00.123456Z",
    });
    expect(parseAuditLine(line)).toMatchObject({ user: operator, name: "a", utcMs: Date.UTC(2026, 0, 1) + 123.456 });
    expect(parseAuditLine(line.slice(0, 40))).toBeUndefined();
  });
});
