import { ServiceError } from "@troupe/errors";
import { describe, expect, it } from "vitest";
import { apiError, connectionError } from "./api-error.ts";

describe("an answer of the API server", () => {
  it.each([
    [404, "NotFound", "OBJECT_UNKNOWN"],
    [409, "AlreadyExists", "OBJECT_EXISTS"],
    [409, "Conflict", "OBJECT_CONFLICT"],
    [422, "Invalid", "OBJECT_INVALID"],
    [400, "BadRequest", "OBJECT_INVALID"],
    [403, "Forbidden", "CLUSTER_FORBIDDEN"],
    [401, "Unauthorized", "CLUSTER_FORBIDDEN"],
    [410, "Expired", "WATCH_EXPIRED"],
    [429, "TooManyRequests", "CLUSTER_UNAVAILABLE"],
    [500, "InternalError", "CLUSTER_UNAVAILABLE"],
    [504, "Timeout", "CLUSTER_UNAVAILABLE"],
  ])("%i %s is %s", (code, reason, expected) => {
    expect(apiError({ code, reason, message: "m" }, code)).toMatchObject({ reason: expected, message: "m" });
  });

  it("tells a disruption budget's refusal from an overload", () => {
    const details = { causes: [{ reason: "DisruptionBudget", message: "needs 1" }], retryAfterSeconds: 10 };
    expect(apiError({ code: 429, reason: "TooManyRequests", details }, 429)).toMatchObject({
      reason: "EVICTION_REFUSED",
      retryAfterMs: 10_000,
    });
  });

  it("carries when to try again, from the header before the body", () => {
    expect(apiError({ details: { retryAfterSeconds: 9 } }, 503, "2").retryAfterMs).toBe(2000);
  });
});

describe("a call without an answer", () => {
  it("is what it was cancelled for", () => {
    const abort = new AbortController();
    abort.abort(new ServiceError("LEADERSHIP_LOST", "lost"));
    expect(connectionError(new Error("aborted"), abort.signal).reason).toBe("LEADERSHIP_LOST");
  });

  it("is CLUSTER_UNAVAILABLE otherwise, with the cause", () => {
    const cause = new Error("ECONNREFUSED");
    expect(connectionError(cause, undefined)).toMatchObject({ reason: "CLUSTER_UNAVAILABLE", cause });
  });
});
