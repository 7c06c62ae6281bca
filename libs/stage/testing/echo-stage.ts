import { create } from "@bufbuild/protobuf";
import { ClauseSchema, ReplyHeaderSchema } from "@troupe/contracts";
import type { EdgeBody } from "../edges.ts";
import { type KeyedStageDefinition, keyedStage } from "../keyed-stage.ts";
import type { Stage, StageInstance, StageSession } from "../stage.ts";

/** What the stage answers to a prompt "<count> <word>": a header and `count` clauses. A pure function, so that outputs can be compared. */
export function echoOf(line: string): EdgeBody<"reply">[] {
  const [count = "0", word = ""] = line.split(" ");
  const clauses = Array.from({ length: Number(count) }, (_, index) => `${word} ${index}`);
  return [
    { case: "header", value: create(ReplyHeaderSchema, { language: "en", remainingMs: 100 }) },
    ...clauses.map((text) => ({ case: "clause", value: create(ClauseSchema, { text }) }) as const),
  ];
}

export interface EchoOptions {
  /** Each output waits for it. */
  readonly pace?: (signal: AbortSignal) => Promise<void>;
  readonly onRespond?: (number: number) => void;
  /** Called when a session's state was merged. */
  readonly onMerged?: (session: StageSession) => void;
}

/** A stage of name llm that says each prompt's word as often as the prompt asks. */
export function echoStage(options: EchoOptions = {}): Stage {
  const definition: KeyedStageDefinition<"prompt", "reply"> = {
    name: "llm",
    input: "prompt",
    output: "reply",
    async *respond({ number, input, signal }) {
      options.onRespond?.(number);
      for await (const body of input) {
        if (body.value.task.case !== "verbatim") continue;
        for (const output of echoOf(body.value.task.value)) {
          await options.pace?.(signal);
          yield output;
        }
      }
    },
  };
  const stage = keyedStage(definition);
  return { name: stage.name, open: async (session) => observed(await stage.open(session), () => options.onMerged?.(session)) };
}

const observed = (instance: StageInstance, onMerged: () => void): StageInstance => ({
  onStream: (stream) => instance.onStream(stream),
  onState() {
    instance.onState?.();
    onMerged();
  },
  idle: () => instance.idle(),
  suspend: () => instance.suspend?.(),
  close: () => instance.close(),
});

/** Holds each output back until it is let go, in an order of the test's choice. */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #open = false;

  readonly pass = (signal: AbortSignal): Promise<void> => {
    if (this.#open || signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    return promise;
  };

  /** Lets one of those that wait go on. */
  letOne(pick: number): void {
    this.#waiting.splice(pick % Math.max(1, this.#waiting.length), 1)[0]?.();
  }

  openWide(): void {
    this.#open = true;
    for (const go of this.#waiting.splice(0)) go();
  }
}
