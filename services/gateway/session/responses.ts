import { create } from "@bufbuild/protobuf";
import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { traceHeaders } from "@troupe/bus";
import {
  type Clause,
  ConversationSchema,
  type ConverseResponse,
  type PresentedWord,
  PromptHeaderSchema,
  ResponseDoneSchema,
  type ResponseFinished,
  type ResponseStarted,
  type StreamError,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type InStream, type Logger, type OwnedSession, toStreamError } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { TurnEvent } from "../turn-taking/index.ts";
import type { ConversationLog } from "./conversation-log.ts";
import type { HeardResponses } from "./heard-responses.ts";
import type { Response } from "./response.ts";
import type { SessionEdges } from "./session-edges.ts";

export interface ResponsesDeps {
  readonly owned: OwnedSession;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: ConversationLog;
  readonly heard: HeardResponses;
  readonly edges: () => SessionEdges;
  readonly emit: (event: ConverseResponse["event"]) => void;
  readonly dispatch: (event: TurnEvent) => void;
  /** One that was wanted failed, and is over. */
  readonly onFailed: (response: Response) => void;
}

/** A response whose first sound has not left the presenter by then has failed. */
const startTimeoutMs = 10_000;
/** After a cancel the presenter reports what was presented; later than this it is taken for nothing. */
const reportTimeoutMs = 500;
const firstWordsMs = 4000;

/** What a response is to be. */
export interface ResponseWanted {
  readonly utterance: number;
  /** BCP-47. */
  readonly language: string;
  /** Said as it is; undefined: an answer. */
  readonly line?: string;
  /** What it answers, where the conversation does not hold it yet. */
  readonly question?: string;
  /** It is made, but nobody hears of it before `commit`. */
  readonly speculative?: boolean;
}

type Outcome = {
  readonly complete: boolean;
  readonly presentedUs: bigint;
  readonly text: string;
  readonly words: readonly PresentedWord[];
  readonly error?: StreamError;
  readonly fallbackFrames?: number;
};

const nothing: Outcome = { complete: false, presentedUs: 0n, text: "", words: [] };

/** The responses of a session: prompts out, reports in, what was heard into the log. */
export class Responses {
  readonly #deps: ResponsesDeps;
  readonly #responses = new Map<number, Response>();

  constructor(deps: ResponsesDeps) {
    this.#deps = deps;
  }

  /** Responses that are not over. */
  open(): readonly Response[] {
    return [...this.#responses.values()];
  }

  /** Whether any of them is more than a speculation. */
  get busy(): boolean {
    return this.#responses.values().some((response) => !response.speculative);
  }

  begin(number: number, wanted: ResponseWanted, parent: ReturnType<typeof trace.getSpan>): void {
    const { owned, log, heard } = this.#deps;
    const { utterance, language, line, speculative = false } = wanted;
    const issued = owned.state.nextResponse({ speculative });
    if (issued !== number) throw new ServiceError("INTERNAL", `response ${number} was issued as ${issued}`);
    const tracer = trace.getTracer("troupe.gateway");
    const span = parent ?? tracer.startSpan("turn", { root: true, attributes: { "troupe.stage": "gateway" } });
    const response: Response = {
      number,
      utterance,
      language,
      line,
      span,
      clauses: [],
      speculative,
      replyComplete: false,
      started: false,
      cancelled: false,
      done: false,
      caption: "",
      heardUntil: undefined,
      stageMs: {},
      cancelTimer: () => undefined,
    };
    this.#responses.set(number, response);
    if (!speculative) this.#created(response);
    const headers = traceHeaders(trace.setSpan(context.active(), span));
    // What was heard of the response before it belongs to the conversation that it goes on with.
    void Promise.all([owned.settled(), heard.settled()]).then(() => this.#prompt(response, wanted, headers));
    if (!speculative) log.beginResponse(number);
  }

  speculates(number: number): boolean {
    return this.#responses.get(number)?.speculative ?? false;
  }

  /** The clause that is being said. */
  captioned(number: number, text: string): void {
    const response = this.#responses.get(number);
    if (response) response.caption = text;
  }

  /** A speculative response is the answer after all: what there is of it is told, and it may sound. */
  commit(number: number): void {
    const response = this.#responses.get(number);
    if (!response?.speculative) return;
    response.speculative = false;
    this.#deps.log.beginResponse(number);
    this.#created(response);
    for (const clause of response.clauses) this.#words(number, clause);
    this.#deps.owned.state.commit(number);
  }

  /** Nobody is there to hear it: it may begin later than it would have to. */
  suspend(number: number): void {
    const response = this.#responses.get(number);
    if (response && !response.started) response.cancelTimer();
  }

  /** Somebody is there again. */
  resume(number: number): void {
    const response = this.#responses.get(number);
    if (response && !response.started && !response.cancelled && !response.speculative) this.#expectStart(response);
  }

  /** The owner cancels; the presenter's report, or its silence, ends the response. */
  cancel(number: number): void {
    const response = this.#responses.get(number);
    this.#deps.owned.state.cancelOnly(number);
    if (!response || response.cancelled) return;
    response.cancelled = true;
    response.cancelTimer();
    if (response.speculative) return this.#drop(response);
    this.#deps.emit({ case: "responseCancelled", value: { $typeName: "troupe.conversation.v1.ResponseCancelled", response: number } });
    if (!response.started) return this.#end(response, nothing);
    this.#deps.heard.expect(number);
    response.cancelTimer = this.#deps.clock.setTimer(reportTimeoutMs, () => this.#end(response, nothing));
  }

  async readReply(stream: InStream<"reply">): Promise<void> {
    const { logger } = this.#deps;
    try {
      for await (const body of stream) {
        const response = this.#responses.get(stream.number);
        if (body.case !== "clause" || !response) continue;
        response.clauses.push(body.value);
        if (!response.speculative) this.#words(stream.number, body.value);
      }
      const response = this.#responses.get(stream.number);
      if (response) response.replyComplete = true;
    } catch (thrown) {
      // The failure reaches the presenter through the speech and comes back as the end of the response.
      logger.debug({ response: stream.number, reason: ServiceError.from(thrown).reason }, "a reply failed");
    }
  }

  started(report: ResponseStarted): void {
    const { emit, dispatch } = this.#deps;
    const response = this.#responses.get(report.response);
    if (!response || response.done) return;
    response.started = true;
    response.cancelTimer();
    response.stageMs = report.stageMs;
    emit({ case: "responseStarted", value: report });
    dispatch({ kind: "response-started", response: report.response });
  }

  finished(report: ResponseFinished): void {
    const response = this.#responses.get(report.response);
    if (!response) return;
    const { complete, presentedUs, presentedText: text, words, error, fallbackFrames } = report;
    this.#end(response, { complete, presentedUs, text, words, fallbackFrames, ...(error ? { error } : {}) });
  }

  /** A stage that the response needs is gone. */
  fail(response: Response, error: ServiceError): void {
    this.#deps.owned.state.cancelOnly(response.number);
    this.#end(response, { ...nothing, error: toStreamError(error, error.metadata["stage"] ?? "gateway") }, false);
  }

  close(): void {
    for (const response of this.#responses.values()) {
      response.cancelTimer();
      response.span.end();
    }
    this.#responses.clear();
  }

  #created(response: Response): void {
    const { number, utterance } = response;
    this.#deps.emit({
      case: "responseCreated",
      value: { $typeName: "troupe.conversation.v1.ResponseCreated", response: number, utterance },
    });
    this.#expectStart(response);
  }

  #expectStart(response: Response): void {
    response.cancelTimer();
    response.cancelTimer = this.#deps.clock.setTimer(startTimeoutMs, () => this.#expire(response.number));
  }

  #words(response: number, clause: Clause): void {
    this.#deps.emit({ case: "responseText", value: { $typeName: "troupe.conversation.v1.ResponseText", response, clause } });
  }

  #prompt({ number }: Response, wanted: ResponseWanted, headers: Record<string, string>): void {
    const { edges, owned, log } = this.#deps;
    if (owned.state.view.isCancelled(number)) return;
    const { prompt } = edges();
    const { language, line, question } = wanted;
    const task =
      line === undefined
        ? ({
            case: "conversation",
            value: create(ConversationSchema, { messages: [...log.messages(question)], instructions: log.instructions() }),
          } as const)
        : ({ case: "verbatim", value: line } as const);
    const header = create(PromptHeaderSchema, { language, remainingMs: firstWordsMs, task });
    prompt.writeNow(number, { case: "header", value: header }, headers);
    prompt.end(number, {});
    edges().expectReply(number);
  }

  #expire(number: number): void {
    const response = this.#responses.get(number);
    if (!response || response.started) return;
    this.fail(response, new ServiceError("DEADLINE", `response ${number} did not begin within ${startTimeoutMs} ms`));
    this.#deps.onFailed(response);
  }

  #end(response: Response, outcome: Outcome, dispatchDone = true): void {
    if (response.done) return;
    if (response.speculative) return this.#dropFailed(response);
    response.done = true;
    response.cancelTimer();
    this.#responses.delete(response.number);
    const { emit, dispatch, owned, edges, onFailed } = this.#deps;
    const replicas = Object.fromEntries(owned.bindings().map(({ stage, replica }) => [stage, replica]));
    const { complete, presentedUs, error, fallbackFrames = 0 } = outcome;
    const done = create(ResponseDoneSchema, {
      response: response.number,
      complete,
      presentedUs,
      heardText: outcome.text,
      stageFirstMs: response.stageMs,
      fallbackFrames,
      replicas,
      ...(error ? { error } : {}),
    });
    if (error) response.span.setStatus({ code: SpanStatusCode.ERROR, message: error.reason });
    response.span.end();
    edges().tick();
    emit({ case: "responseDone", value: done });
    this.#heard(response, outcome);
    owned.finished("response", response.number);
    owned.state.over(response.number);
    if (!dispatchDone) return;
    if (error) onFailed(response);
    else dispatch({ kind: "response-done", response: response.number });
  }

  #heard({ number, started, heardUntil }: Response, { complete, presentedUs, text, words }: Outcome): void {
    const { heard } = this.#deps;
    if (!started) return heard.unheard(number);
    heard.ended({ response: number, complete, text, presentedUs: Number(presentedUs), words, heardUntil });
  }

  /** A speculation that is not wanted: as if it had never been. */
  #drop(response: Response): void {
    response.done = true;
    response.cancelTimer();
    this.#responses.delete(response.number);
    const { owned } = this.#deps;
    owned.finished("response", response.number);
    owned.state.over(response.number);
  }

  /** One that a stage failed on: the answer proper is tried when it is wanted. */
  #dropFailed(response: Response): void {
    this.#drop(response);
    this.#deps.dispatch({ kind: "response-failed", response: response.number, excuse: false });
  }
}
