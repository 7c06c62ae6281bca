import { context, type Span, trace } from "@opentelemetry/api";
import { traceHeaders } from "@troupe/bus";
import type { ConverseResponse, Transcript } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type InStream, type OwnedSession, toStreamError } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { TurnEvent } from "../turn-taking/index.ts";
import type { SessionEdges } from "./session-edges.ts";

export interface UtterancesDeps {
  readonly owned: OwnedSession;
  readonly clock: Clock;
  /** BCP-47; empty: recognition tells. */
  readonly language: string;
  readonly participant: string;
  readonly edges: () => SessionEdges;
  readonly emit: (event: ConverseResponse["event"]) => void;
  readonly dispatch: (event: TurnEvent) => void;
  /** What recognition makes of the utterance that is open. */
  readonly onInterim: (utterance: number, transcript: Transcript) => void;
  /** Whether words are what the avatar says itself. */
  readonly isEcho: (text: string) => boolean;
}

/** A transcript that has not come by then will not come. */
const transcriptTimeoutMs = 10_000;

interface Utterance {
  readonly number: number;
  readonly span: Span;
  /** Writes go one after the other, and wait while the asr is being handed over. */
  writing: Promise<void>;
  endedMs: number;
  cancelTimer: () => void;
}

/** The person's utterances: sound out to recognition, transcripts in. */
export class Utterances {
  readonly #deps: UtterancesDeps;
  readonly #utterances = new Map<number, Utterance>();
  #open: Utterance | undefined;
  /** End of the last speech, on the wall clock: where the person's wait begins. */
  #asrMs = new Map<number, number>();
  /** What the person spoke last; BCP-47, empty: unknown. */
  #heardLanguage = "";

  constructor(deps: UtterancesDeps) {
    this.#deps = deps;
  }

  get waiting(): boolean {
    return this.#utterances.size > 0;
  }

  /** @param startUs where its speech begins, in the sound received */
  begin(number: number, startUs: number): void {
    const { owned, emit, language, participant } = this.#deps;
    const issued = owned.state.nextUtterance();
    if (issued !== number) throw new ServiceError("INTERNAL", `utterance ${number} was issued as ${issued}`);
    const span = trace.getTracer("troupe.gateway").startSpan("turn", { root: true, attributes: { "troupe.stage": "gateway" } });
    const utterance: Utterance = { number, span, writing: owned.settled(), endedMs: 0, cancelTimer: () => undefined };
    this.#utterances.set(number, utterance);
    this.#open = utterance;
    emit({
      case: "utteranceStarted",
      value: {
        $typeName: "troupe.conversation.v1.UtteranceStarted",
        utterance: number,
        speechStartUs: BigInt(Math.max(0, Math.round(startUs))),
      },
    });
    const headers = traceHeaders(trace.setSpan(context.active(), span));
    this.#write(utterance, (edges) =>
      edges.speechIn.writeNow(
        number,
        { case: "header", value: { $typeName: "troupe.speech.v1.SpeechInHeader", participant, language, sampleRateHz: 16_000 } },
        headers,
      ),
    );
  }

  /** Numbers of what was typed; it needs no recognition. */
  typed(number: number): void {
    const { owned } = this.#deps;
    const issued = owned.state.nextUtterance();
    if (issued !== number) throw new ServiceError("INTERNAL", `utterance ${number} was issued as ${issued}`);
    owned.state.endUtterance(number);
    // Closed at once, so that recognition does not wait for sound that will never come.
    this.#deps.edges().speechIn.end(number, {});
    owned.finished("utterance", number);
  }

  sound(ptsUs: number, pcm16: Uint8Array): void {
    const utterance = this.#open;
    if (!utterance) return;
    this.#write(utterance, (edges) =>
      edges.speechIn.writeNow(utterance.number, {
        case: "chunk",
        value: { $typeName: "troupe.speech.v1.SpeechInChunk", ptsUs: BigInt(Math.round(ptsUs)), pcm16 },
      }),
    );
  }

  end(number: number, speechEndUs: number): void {
    const { owned, clock } = this.#deps;
    owned.state.endUtterance(number);
    const utterance = this.#utterances.get(number);
    if (!utterance || utterance.endedMs > 0) return;
    this.#open = undefined;
    this.#close(utterance, speechEndUs);
    this.#deps.edges().expectTranscript(number);
    utterance.cancelTimer = clock.setTimer(transcriptTimeoutMs, () => {
      this.#failed(number, new ServiceError("DEADLINE", `the transcript did not come within ${transcriptTimeoutMs} ms`));
    });
  }

  /** What recognition took for the utterance, in milliseconds. */
  asrMs(number: number): number | undefined {
    return this.#asrMs.get(number);
  }

  /** The trace of an utterance that is still open or being recognised. */
  span(number: number): Span | undefined {
    return this.#utterances.get(number)?.span;
  }

  /** Nothing is wanted of it any more: neither its words nor a failure of theirs. */
  forget(number: number): void {
    const utterance = this.#utterances.get(number);
    if (!utterance) return;
    this.#settle(number);
    utterance.span.end();
  }

  /** Hands the trace of an utterance to the response that answers it. */
  takeSpan(number: number): Span | undefined {
    const span = this.#spans.get(number);
    this.#spans.delete(number);
    // Sounds before it that no response answers: a cough, the first of two breaths.
    for (const [older, unanswered] of this.#spans) {
      if (older > number) continue;
      unanswered.end();
      this.#spans.delete(older);
    }
    return span;
  }

  readonly #spans = new Map<number, Span>();

  async read(stream: InStream<"transcript">): Promise<void> {
    const { emit, dispatch, clock } = this.#deps;
    const utterance = stream.number;
    try {
      for await (const body of stream) {
        const transcript = body.value;
        const interim = body.case === "interim";
        const entry = this.#utterances.get(utterance);
        if (!entry) continue;
        emit({
          case: "utteranceTranscribed",
          value: { $typeName: "troupe.conversation.v1.UtteranceTranscribed", utterance, interim, transcript },
        });
        if (interim) {
          if (entry === this.#open) this.#deps.onInterim(utterance, transcript);
          continue;
        }
        this.#heardLanguage = transcript.language || this.#heardLanguage;
        this.#asrMs.set(utterance, clock.nowMs() - entry.endedMs);
        this.#settle(utterance);
        this.#spans.set(utterance, entry.span);
        dispatch({
          kind: "transcript",
          utterance,
          text: transcript.text,
          language: transcript.language,
          echo: this.#deps.isEcho(transcript.text),
        });
      }
    } catch (thrown) {
      if (!this.#utterances.has(utterance)) return;
      this.#failed(utterance, ServiceError.from(thrown));
    }
  }

  /** Recognition is gone: what it had not finished will not come. */
  failAll(error: ServiceError): void {
    for (const number of [...this.#utterances.keys()]) this.#failed(number, error);
  }

  close(): void {
    for (const utterance of this.#utterances.values()) utterance.cancelTimer();
    for (const span of this.#spans.values()) span.end();
  }

  #failed(number: number, error: ServiceError): void {
    this.#settle(number)?.span.end();
    this.#deps.emit({ case: "error", value: toStreamError(error, error.metadata["stage"] ?? "asr") });
    this.#deps.dispatch({ kind: "utterance-failed", utterance: number, language: this.#deps.language || this.#heardLanguage });
  }

  #settle(number: number): Utterance | undefined {
    const utterance = this.#utterances.get(number);
    utterance?.cancelTimer();
    // It failed amid the speech: what still comes of it is nobody's, and its stream must end.
    if (utterance?.endedMs === 0) this.#close(utterance, 0);
    this.#utterances.delete(number);
    if (this.#open === utterance) this.#open = undefined;
    this.#deps.owned.state.endUtterance(number);
    this.#deps.owned.finished("utterance", number);
    for (const old of this.#asrMs.keys()) if (old < number - 16) this.#asrMs.delete(old);
    return utterance;
  }

  #close(utterance: Utterance, speechEndUs: number): void {
    const { clock, emit } = this.#deps;
    const { number } = utterance;
    utterance.endedMs = clock.nowMs();
    this.#write(utterance, (edges) => edges.speechIn.end(number, {}));
    emit({
      case: "utteranceEnded",
      value: { $typeName: "troupe.conversation.v1.UtteranceEnded", utterance: number, speechEndUs: BigInt(Math.round(speechEndUs)) },
    });
  }

  #write(utterance: Utterance, action: (edges: SessionEdges) => void): void {
    utterance.writing = utterance.writing.then(() => action(this.#deps.edges()));
  }
}
