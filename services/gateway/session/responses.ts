import { create } from "@bufbuild/protobuf";
import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { traceHeaders } from "@troupe/bus";
import {
  ConversationSchema,
  type ConverseResponse,
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
import type { Response } from "./response.ts";
import type { SessionEdges } from "./session-edges.ts";

export interface ResponsesDeps {
  readonly owned: OwnedSession;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: ConversationLog;
  readonly edges: () => SessionEdges;
  readonly emit: (event: ConverseResponse["event"]) => void;
  readonly dispatch: (event: TurnEvent) => void;
}

/** A response whose first sound has not left the presenter by then has failed. */
const startTimeoutMs = 10_000;
/** After a cancel the presenter reports what was presented; later than this it is taken for nothing. */
const reportTimeoutMs = 500;
const firstWordsMs = 4000;

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

  /** @param words what to answer, or a line to say as it is */
  begin(
    number: number,
    words: { readonly utterance: number; readonly language: string; readonly line?: string },
    parent: ReturnType<typeof trace.getSpan>,
  ): void {
    const { owned, emit, clock, log } = this.#deps;
    const issued = owned.state.nextResponse();
    if (issued !== number) throw new ServiceError("INTERNAL", `response ${number} was issued as ${issued}`);
    const tracer = trace.getTracer("troupe.gateway");
    const span = parent ?? tracer.startSpan("turn", { root: true, attributes: { "troupe.stage": "gateway" } });
    const cancelTimer = clock.setTimer(startTimeoutMs, () => this.#expire(number));
    const response: Response = {
      number,
      utterance: words.utterance,
      span,
      clauses: [],
      replyComplete: false,
      started: false,
      done: false,
      stageMs: {},
      cancelTimer,
    };
    this.#responses.set(number, response);
    emit({
      case: "responseCreated",
      value: { $typeName: "troupe.conversation.v1.ResponseCreated", response: number, utterance: words.utterance },
    });
    const task =
      words.line === undefined
        ? ({ case: "conversation", value: create(ConversationSchema, { messages: [...log.messages()] }) } as const)
        : ({ case: "verbatim", value: words.line } as const);
    const header = create(PromptHeaderSchema, { language: words.language, remainingMs: firstWordsMs, task });
    const headers = traceHeaders(trace.setSpan(context.active(), span));
    void owned.settled().then(() => this.#prompt(number, header, headers));
  }

  /** The owner cancels; the presenter's report, or its silence, ends the response. */
  cancel(number: number): void {
    const response = this.#responses.get(number);
    this.#deps.owned.state.cancelOnly(number);
    if (!response) return;
    if (!response.started) this.#end(response, { complete: false, presentedUs: 0n, text: "" });
    else {
      const silent = () => this.#end(response, { complete: false, presentedUs: 0n, text: "" });
      response.cancelTimer = this.#deps.clock.setTimer(reportTimeoutMs, silent);
    }
  }

  async readReply(stream: InStream<"reply">): Promise<void> {
    const { emit, logger } = this.#deps;
    try {
      for await (const body of stream) {
        const response = this.#responses.get(stream.number);
        if (body.case !== "clause" || !response) continue;
        response.clauses.push(body.value.text);
        emit({
          case: "responseText",
          value: { $typeName: "troupe.conversation.v1.ResponseText", response: stream.number, clause: body.value },
        });
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
    const { complete, presentedUs, presentedText: text, error, fallbackFrames } = report;
    this.#end(response, { complete, presentedUs, text, fallbackFrames, ...(error ? { error } : {}) });
  }

  /** A stage that the response needs is gone. */
  fail(response: Response, error: ServiceError): void {
    this.#deps.owned.state.cancelOnly(response.number);
    this.#end(
      response,
      { complete: false, presentedUs: 0n, text: "", error: toStreamError(error, error.metadata["stage"] ?? "gateway") },
      false,
    );
  }

  close(): void {
    for (const response of this.#responses.values()) {
      response.cancelTimer();
      response.span.end();
    }
    this.#responses.clear();
  }

  #prompt(number: number, header: Parameters<SessionEdges["prompt"]["writeNow"]>[1]["value"], headers: Record<string, string>): void {
    const { edges, owned } = this.#deps;
    if (owned.state.view.isCancelled(number)) return;
    const { prompt } = edges();
    prompt.writeNow(number, { case: "header", value: header }, headers);
    prompt.end(number, {});
    edges().expectReply(number);
  }

  #expire(number: number): void {
    const response = this.#responses.get(number);
    if (!response || response.started) return;
    this.fail(response, new ServiceError("DEADLINE", `response ${number} did not begin within ${startTimeoutMs} ms`));
    this.#deps.dispatch({ kind: "response-failed", response: number, excuse: false });
  }

  #end(
    response: Response,
    outcome: {
      readonly complete: boolean;
      readonly presentedUs: bigint;
      readonly text: string;
      readonly error?: StreamError;
      readonly fallbackFrames?: number;
    },
    dispatchDone = true,
  ): void {
    if (response.done) return;
    response.done = true;
    response.cancelTimer();
    this.#responses.delete(response.number);
    const { log, emit, dispatch, owned, edges } = this.#deps;
    log.addAssistant(outcome.text);
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
    owned.finished("response", response.number);
    owned.state.over(response.number);
    if (dispatchDone)
      dispatch(
        error ? { kind: "response-failed", response: response.number, excuse: true } : { kind: "response-done", response: response.number },
      );
  }
}
