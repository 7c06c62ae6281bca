/** A piece of a completion: to be spoken, or thought. */
export interface CompletionPart {
  readonly kind: "text" | "thought";
  readonly text: string;
}

/** Tells thoughts that stand in the text itself from what is said. Stateful: one per completion. */
export interface ThoughtSplitter {
  push(delta: string): CompletionPart[];
  /** What was held back for want of a decision. */
  flush(): CompletionPart[];
}

const opening = /^\s*<(think|thinking|reasoning)>/iu;
const maybeOpening = /^\s*(?:<(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?|r(?:e(?:a(?:s(?:o(?:n(?:i(?:n(?:g)?)?)?)?)?)?)?)?)?)?$/iu;

/** Reasoning models without a parser at the server begin with `<think>…</think>`; later tags are left to the speakable filter. */
export function createThoughtSplitter(): ThoughtSplitter {
  let state: "opening" | "thought" | "text" = "opening";
  let pending = "";
  let closing = "";

  function decide(): CompletionPart[] {
    const match = opening.exec(pending);
    if (match) {
      state = "thought";
      closing = `</${match[1]}>`;
      pending = pending.slice(match[0].length);
      return [{ kind: "thought", text: match[0] }, ...think()];
    }
    if (maybeOpening.test(pending)) return [];
    state = "text";
    return say();
  }

  function think(): CompletionPart[] {
    const end = pending.toLowerCase().indexOf(closing.toLowerCase());
    if (end < 0) {
      const kept = Math.min(pending.length, closing.length - 1);
      const text = pending.slice(0, pending.length - kept);
      pending = pending.slice(pending.length - kept);
      return text === "" ? [] : [{ kind: "thought", text }];
    }
    const text = pending.slice(0, end);
    pending = pending.slice(end + closing.length);
    state = "text";
    return [...(text === "" ? [] : [{ kind: "thought", text } as const]), ...say()];
  }

  function say(): CompletionPart[] {
    const text = pending;
    pending = "";
    return text === "" ? [] : [{ kind: "text", text }];
  }

  const steps = { opening: decide, thought: think, text: say } as const;
  return {
    push(delta) {
      pending += delta;
      return steps[state]();
    },
    flush() {
      return state === "thought" ? [] : say();
    },
  };
}
