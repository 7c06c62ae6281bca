import { describe, expect, it } from "vitest";
import { fittingHistory } from "./chat-history.ts";
import { importLlama } from "./llama-package.ts";
import { createPool } from "./sequence-pool.ts";

const request = (...texts: readonly string[]) => ({
  tenant: "demo",
  language: "en",
  persona: "",
  messages: texts.map((text, index) => ({ role: index % 2 === 0 ? ("user" as const) : ("assistant" as const), text })),
});
const byCharacter = (limit: number) => ({ tokensOf: (text: string) => text.length, limit });

describe("llama backend", () => {
  it("says what to install when its package is not there", async () => {
    await expect(importLlama("no-such-package-as-this")).rejects.toMatchObject({
      reason: "INVALID_CONFIG",
      message: expect.stringContaining("npm install"),
    });
  });

  it("keeps the last messages that fit the context, and the prompt always", () => {
    const { before, last } = fittingHistory(request("old ".repeat(50), "So it is.", "And now?"), "You are Mara.", byCharacter(70));
    expect(before).toEqual([
      { type: "system", text: "You are Mara." },
      { type: "model", response: ["So it is."] },
    ]);
    expect(last).toBe("And now?");
  });

  it("refuses a message that does not fit", () => {
    expect(() => fittingHistory(request("x".repeat(100)), "You are Mara.", byCharacter(70))).toThrow(
      expect.objectContaining({ reason: "TEXT_TOO_LONG" }),
    );
  });
});

describe("pool", () => {
  const never = new AbortController().signal;

  it("lends each thing once, first come first served", async () => {
    const pool = createPool(["a", "b"], 4);
    const order: string[] = [];
    const taken = [await pool.take(never), await pool.take(never)];
    const third = pool.take(never).then((item) => order.push(`third ${item}`));
    const fourth = pool.take(never).then((item) => order.push(`fourth ${item}`));
    for (const item of taken) pool.give(item);
    await Promise.all([third, fourth]);
    expect(order).toEqual([`third ${taken[0]}`, `fourth ${taken[1]}`]);
  });

  it("lets who gave up leave the queue, and refuses who would make it too long", async () => {
    const pool = createPool(["a"], 1);
    const item = await pool.take(never);
    const impatient = new AbortController();
    const waiting = pool.take(impatient.signal);
    await expect(pool.take(never)).rejects.toMatchObject({ reason: "QUEUE_FULL" });
    impatient.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    pool.give(item);
    expect(await pool.take(never)).toBe("a");
  });
});
