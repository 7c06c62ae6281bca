import { create } from "@bufbuild/protobuf";
import { floatToPcm16, pcm16ToBytes } from "@troupe/audio";
import { type ClauseStart, ClauseStartSchema, type SpeechChunk, SpeechChunkSchema, type TimedText as WireText } from "@troupe/contracts";
import { isServiceError, type ServiceError } from "@troupe/errors";
import { type EdgeBody, keyedStage, type Stage, type StageCall } from "@troupe/stage";
import type { SynthesizedSlice, TimedText, TtsBackend } from "./backends/backend.ts";
import { requestFor, type SpokenClause, synthesisSettings, wireDelivery } from "./clause-request.ts";

/** A chunk is at most this long, so that a cancel wastes little and a first chunk is small. */
const chunkUs = 200_000;
const clauseBudgetMs = 10_000;
/** A voice that gets less than this could only fail. */
const leastBudgetMs = 1_000;

/** Speaks replies clause by clause. Clauses follow each other without a gap on the response scale. */
export function ttsStage(backend: TtsBackend): Stage {
  return keyedStage({ name: "tts", input: "reply", output: "speech", respond: (call) => speak(backend, call) });
}

async function* speak(backend: TtsBackend, call: StageCall<"reply">): AsyncIterable<EdgeBody<"speech">> {
  let language = "";
  let budgetMs = clauseBudgetMs;
  let offset = 0;
  let unspeakable: ServiceError | undefined;
  let header: EdgeBody<"speech"> | undefined = {
    case: "header",
    value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz: backend.sampleRateHz },
  };
  for await (const body of call.input) {
    if (body.case === "header") {
      language = body.value.language;
      // The first sound has a deadline of its own; later clauses play while others are made.
      budgetMs = body.value.remainingMs === 0 ? clauseBudgetMs : Math.max(body.value.remainingMs, leastBudgetMs);
      continue;
    }
    const clause = { text: body.value.text, language: body.value.language || language, delivery: body.value.delivery };
    try {
      for await (const { chunk, samples } of speakClause(backend, call, { ...clause, deadlineMs: performance.now() + budgetMs }, offset)) {
        if (header) yield header;
        header = undefined;
        yield { case: "chunk", value: chunk };
        offset += samples;
      }
      budgetMs = clauseBudgetMs;
    } catch (thrown) {
      // A clause of signs alone is passed over, as long as others can be said.
      if (!isServiceError(thrown, "TEXT_EMPTY")) throw thrown;
      unspeakable = thrown;
    }
  }
  if (unspeakable && offset === 0) throw unspeakable;
  if (header) yield header;
}

/** The chunks of one clause that starts at the sample `clauseStart` of the response; its first chunk names it. */
async function* speakClause(
  backend: TtsBackend,
  call: StageCall<"reply">,
  { deadlineMs, ...written }: SpokenClause & { readonly deadlineMs: number },
  clauseStart: number,
): AsyncIterable<{ readonly chunk: SpeechChunk; readonly samples: number }> {
  const request = requestFor(written, synthesisSettings(call.session), backend.voices);
  const { text, language } = request;
  let offset = clauseStart;
  let clause: ClauseStart | undefined = create(ClauseStartSchema, { text, language, delivery: wireDelivery(request.delivery) });
  for await (const slice of backend.synthesize(request, { deadlineMs, signal: call.signal })) {
    for (const chunk of cut(slice, offset, clauseStart, backend.sampleRateHz)) {
      if (clause) chunk.clause = clause;
      clause = undefined;
      yield { chunk, samples: chunk.pcm16.byteLength / 2 };
    }
    offset += slice.samples.length;
  }
}

/** A slice as chunks: each carries the words and phones that start in it, on the response scale. */
function* cut(slice: SynthesizedSlice, sliceStart: number, clauseStart: number, sampleRateHz: number): Iterable<SpeechChunk> {
  const us = (sample: number) => Math.round((sample / sampleRateHz) * 1e6);
  const clauseStartUs = us(clauseStart);
  const step = Math.round((chunkUs / 1e6) * sampleRateHz);
  for (let from = 0; from < slice.samples.length; from += step) {
    const samples = slice.samples.subarray(from, from + step);
    const startUs = us(sliceStart + from) - clauseStartUs;
    const last = from + step >= slice.samples.length;
    const endUs = last ? Number.POSITIVE_INFINITY : us(sliceStart + from + samples.length) - clauseStartUs;
    const first = from === 0;
    const within = (item: TimedText) => (first || item.startUs >= startUs) && item.startUs < endUs;
    const onResponse = (item: TimedText): WireText => ({
      $typeName: "troupe.speech.v1.TimedText",
      text: item.text,
      startUs: BigInt(Math.round(item.startUs + clauseStartUs)),
      endUs: BigInt(Math.round(item.endUs + clauseStartUs)),
    });
    yield create(SpeechChunkSchema, {
      ptsUs: BigInt(us(sliceStart + from)),
      pcm16: pcm16ToBytes(floatToPcm16(samples)),
      words: slice.words.filter(within).map(onResponse),
      phones: slice.phones.filter(within).map(onResponse),
    });
  }
}
