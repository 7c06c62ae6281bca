import { createManualClock } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { type KeptContext, keepSoundRunning } from "./sound-keeper.ts";

/** An AudioContext as browsers have it: it resumes by itself or only within a gesture. */
class Context extends EventTarget implements KeptContext {
  state = "running";
  allowed = true;
  resumes = 0;

  stop(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }

  async resume(): Promise<void> {
    this.resumes++;
    if (!this.allowed) throw new DOMException("not allowed", "NotAllowedError");
    this.state = "running";
    this.dispatchEvent(new Event("statechange"));
  }
}

function setUp() {
  const [clock, context, page, told] = [createManualClock(), new Context(), new EventTarget(), [] as boolean[]];
  const end = keepSoundRunning({ clock, context, page, onBlocked: (blocked) => told.push(blocked) });
  return { clock, context, page, told, end };
}

describe("the sound of a call", () => {
  it.each(["suspended", "interrupted"])("goes on by itself when it was %s and may", async (state) => {
    const { clock, context, told } = setUp();
    context.stop(state);
    await clock.advance(1000);
    expect(context.state).toBe("running");
    expect(told).toEqual([]);
  });

  it("asks for a gesture where the browser wants one, and goes on with it", async () => {
    const { clock, context, page, told } = setUp();
    context.allowed = false;
    context.stop("interrupted");
    await clock.advance(1000);
    expect(told).toEqual([true]);
    context.allowed = true;
    page.dispatchEvent(new Event("pointerdown"));
    expect(context.state).toBe("running");
    expect(told).toEqual([true, false]);
  });

  it("goes on when the page is shown again", async () => {
    const { clock, context, page, told } = setUp();
    context.allowed = false;
    context.stop("suspended");
    await clock.advance(1000);
    context.allowed = true;
    page.dispatchEvent(new Event("visibilitychange"));
    expect(told).toEqual([true, false]);
  });

  it("is left alone once the call is over", async () => {
    const { clock, context, page, told, end } = setUp();
    end();
    context.stop("suspended");
    page.dispatchEvent(new Event("pointerdown"));
    await clock.advance(1000);
    expect(context.resumes).toBe(0);
    expect(told).toEqual([]);
  });
});
