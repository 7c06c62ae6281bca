import { describe, expect, it } from "vitest";
import { systemPrompt } from "../source-prompt.ts";
import { fittingConversation, fittingHistory } from "./chat-history.ts";
import { importLlama, type LlamaSequence } from "./llama-package.ts";
import { createNativeWork } from "./native-work.ts";
import { createPool } from "./sequence-pool.ts";
import { sequenceSlot } from "./sequence-slot.ts";

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

  it("drops the last sources until prompt and message fit, and tells which are left", () => {
    const sources = ["first", "second", "third"].map((text) => ({ document: text, title: "Facts", text: text.repeat(10) }));
    const asked = request("When do you open?");
    const room = systemPrompt(asked, sources.slice(0, 2)).length + 40;
    const { history, passages } = fittingConversation(asked, sources, byCharacter(room));
    expect(passages).toEqual(sources.slice(0, 2));
    expect(history.before).toEqual([{ type: "system", text: systemPrompt(asked, sources.slice(0, 2)) }]);
    expect(history.last).toBe("When do you open?");
    const tight = byCharacter(systemPrompt(asked, []).length + 40);
    expect(fittingConversation(asked, sources, tight).passages).toEqual([]);
    expect(fittingConversation(asked, undefined, tight).passages).toBeUndefined();
  });
});

describe("sequence slot", () => {
  /** A context with one place, whose sequences forget as they are told to. */
  function contextOf(...forget: readonly (() => Promise<void>)[]) {
    let free = true;
    let opened = 0;
    const getSequence = (): LlamaSequence => {
      if (!free) throw new Error("No sequences left");
      free = false;
      const clearHistory = forget[opened++] as () => Promise<void>;
      return {
        clearHistory,
        dispose() {
          free = true;
          return Promise.resolve();
        },
      };
    };
    return { getSequence };
  }
  const works = () => Promise.resolve();
  const fails = () => Promise.reject(new Error("the cache is broken"));

  it("keeps a sequence that forgets", async () => {
    const slot = sequenceSlot(contextOf(works));
    const first = slot.sequence();
    await slot.clear();
    expect(slot.sequence()).toBe(first);
  });

  it("replaces one that fails to, in the same place", async () => {
    const slot = sequenceSlot(contextOf(fails, works));
    const first = slot.sequence();
    await slot.clear();
    const second = slot.sequence();
    expect(second).not.toBe(first);
    await slot.clear();
    expect(slot.sequence()).toBe(second);
  });

  it("has nothing to forget before its first sequence", async () => {
    await expect(sequenceSlot(contextOf()).clear()).resolves.toBeUndefined();
  });
});

describe("native work", () => {
  it("has ended when all of it has, failures and what was begun meanwhile included", async () => {
    const work = createNativeWork();
    const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
    const order: string[] = [];
    const failed = work
      .track(first.promise)
      .catch(() => work.track(second.promise))
      .then(() => order.push("work"));
    const ended = work.ended().then(() => order.push("ended"));
    first.reject(new Error("decoding failed"));
    await expect(first.promise).rejects.toThrow();
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    second.resolve();
    await Promise.all([failed, ended]);
    expect(order).toEqual(["work", "ended"]);
    await work.ended();
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
