import { type EdgeBody, keyedStage, type Stage, type StageCall } from "@troupe/stage";
import type { Vad } from "@troupe/vad";
import type { AsrBackend } from "./backends/backend.ts";
import { checkHotWords } from "./backends/transcribe-request.ts";
import { toTranscript } from "./transcript.ts";
import { Utterance } from "./utterance.ts";

export interface AsrStageDeps {
  readonly backend: AsrBackend;
  /** Hears the pauses in which the final is begun; undefined: it is begun when the utterance has ended. */
  readonly vad?: Vad | undefined;
}

/** Recognises utterances: guesses while someone speaks, the final when the utterance has ended. */
export function asrStage(deps: AsrStageDeps): Stage {
  return keyedStage({
    name: "asr",
    input: "speech-in",
    output: "transcript",
    check: ({ settings }) => checkHotWords(settings.case === "recognition" ? settings.value.hotWords : []),
    respond: (call) => recognise(deps, call),
  });
}

async function* recognise({ backend, vad }: AsrStageDeps, call: StageCall<"speech-in">): AsyncIterable<EdgeBody<"transcript">> {
  const { state } = call.session;
  const settings = call.session.settings.case === "recognition" ? call.session.settings.value : undefined;
  let guessed = Promise.withResolvers<"guess">();
  const utterance = new Utterance(
    {
      backend,
      vad: vad?.open(),
      interims: settings?.interims ?? false,
      // The person speaks into a response: their first words decide whether it goes on.
      hurried: () => state.isHeld(state.lastResponse),
      hotWords: settings?.hotWords ?? [],
      signal: call.signal,
      onGuess: () => guessed.resolve("guess"),
    },
    settings?.language || undefined,
  );
  try {
    const input = call.input[Symbol.asyncIterator]();
    let next = input.next();
    for (;;) {
      // A guess may come while nothing is heard: that is when it matters most.
      const event = await Promise.race([guessed.promise, next]);
      if (event === "guess") {
        guessed = Promise.withResolvers();
        const guess = utterance.takeGuess();
        if (guess) yield { case: "interim", value: toTranscript(guess) };
        continue;
      }
      if (event.done) break;
      const body = event.value;
      if (body.case === "chunk") utterance.add(Number(body.value.ptsUs), body.value.pcm16);
      else if (body.value.language) utterance.setLanguage(body.value.language);
      next = input.next();
      // Awaited above, unless the stage is left before.
      next.catch(() => undefined);
    }
    yield { case: "final", value: toTranscript(await utterance.final()) };
  } finally {
    utterance.close();
  }
}
