import { ServiceError } from "@troupe/errors";
import type { CompletionPart } from "./thought-splitter.ts";

/** Starts one completion; `think` false asks the model to answer at once. */
export type AskModel = (think: boolean, signal: AbortSignal) => AsyncIterable<CompletionPart>;

/**
 * What is said of a completion, thoughts left out. A model that still thinks when the budget is over is stopped and asked again without
 * thinking: servers offer no way to end the thoughts of a completion that runs.
 * @param thinkingMs undefined: it may think as long as it likes
 * @throws ServiceError BACKEND_FAILED when it goes on thinking all the same
 */
export async function* spokenWithin(ask: AskModel, thinkingMs: number | undefined): AsyncGenerator<string, void, undefined> {
  for (const think of [true, false]) {
    const budget = new AbortController();
    const parts = ask(think, budget.signal);
    try {
      yield* thinkingMs === undefined ? spoken(parts) : limited(parts, thinkingMs, budget);
      return;
    } catch (error) {
      if (!budget.signal.aborted) throw error;
    }
  }
  throw new ServiceError("BACKEND_FAILED", `the language model went on thinking after ${thinkingMs} ms and when asked not to`);
}

async function* spoken(parts: AsyncIterable<CompletionPart>): AsyncGenerator<string, void, undefined> {
  for await (const { kind, text } of parts) if (kind === "text") yield text;
}

/** Aborts `budget` when the time is over amid thoughts; a model that has not begun yet is waiting, not thinking. */
async function* limited(
  parts: AsyncIterable<CompletionPart>,
  thinkingMs: number,
  budget: AbortController,
): AsyncGenerator<string, void, undefined> {
  let thinking = false;
  let spoke = false;
  let over = false;
  const stop = () => budget.abort(new ServiceError("DEADLINE", `thinking took longer than ${thinkingMs} ms`));
  const timer = setTimeout(() => {
    over = true;
    if (thinking) stop();
  }, thinkingMs);
  try {
    for await (const { kind, text } of parts) {
      thinking = kind === "thought" && !spoke;
      if (thinking && over) stop();
      budget.signal.throwIfAborted();
      if (kind === "thought") continue;
      spoke ||= text.trim() !== "";
      yield text;
    }
  } finally {
    clearTimeout(timer);
  }
}
