import {
  type ConverseResponse,
  type OutputSettings,
  type Playback,
  Track,
  type Transcript,
  TurnAction,
  type TurnDetection,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type Binding, type StageName, toStreamError } from "@troupe/stage";
import { initialTurnState, type TurnEvent, type TurnPolicy, type TurnState, takeTurn } from "../turn-taking/index.ts";
import { Attendance } from "./attendance.ts";
import type { ConversationDeps } from "./conversation-deps.ts";
import { type ConversationItem, ConversationLog, type NewItem } from "./conversation-log.ts";
import type { ConversationSnapshot } from "./conversation-snapshot.ts";
import { HeardResponses } from "./heard-responses.ts";
import { Hearing } from "./hearing.ts";
import { PlaybackPosition } from "./playback-position.ts";
import { PresentationTail } from "./presentation-tail.ts";
import { PresentedReports } from "./presented-reports.ts";
import { Responses } from "./responses.ts";
import { SessionEdges } from "./session-edges.ts";
import { avEvent } from "./session-event.ts";
import { defaultSessionTimes, SessionTime } from "./session-time.ts";
import { snapshotOf } from "./snapshot-of.ts";
import { SpokenWords } from "./spoken-words.ts";
import { StageRecovery } from "./stage-recovery.ts";
import { checkText } from "./text-limit.ts";
import { TurnCommands } from "./turn-commands.ts";
import { Utterances } from "./utterances.ts";

/** One session with one person: carries out what turn-taking decides. */
export class Conversation {
  readonly #deps: ConversationDeps;
  readonly #spoken = new SpokenWords();
  /** Times the client's sound ran out, as it told last. */
  #underruns = 0;
  readonly #log: ConversationLog;
  readonly #playback = new PlaybackPosition();
  readonly #heard: HeardResponses;
  readonly #responses: Responses;
  readonly #utterances: Utterances;
  readonly #recovery: StageRecovery;
  readonly #commands: TurnCommands;
  readonly #time: SessionTime;
  readonly #tail: PresentationTail;
  readonly #attendance: Attendance;
  readonly #presented: PresentedReports;
  #edges: SessionEdges;
  #hearing: Hearing | undefined;
  #turn: TurnState;
  #policy: TurnPolicy;
  #openUtterance = 0;
  #finishing: PromiseWithResolvers<void> | undefined;
  #closed = false;

  private constructor(deps: ConversationDeps) {
    this.#deps = deps;
    this.#policy = deps.turnPolicy;
    const { owned, clock, logger, bus, adopted } = deps;
    this.#turn = { ...initialTurnState, ...(adopted && { lastUtterance: adopted.lastUtterance, lastResponse: adopted.lastResponse }) };
    this.#log = new ConversationLog(adopted?.messages);
    for (const text of adopted?.instructions ?? []) this.#log.insert({ role: "system", text });
    const emit = (event: ConverseResponse["event"]) => this.#emit(event);
    this.#time = new SessionTime({ clock, emit, onExpire: (reason) => deps.onExpire?.(reason) }, deps.times ?? defaultSessionTimes);
    this.#tail = new PresentationTail(clock);
    this.#heard = new HeardResponses({ clock, log: this.#log, playback: this.#playback, emit });
    const shared = { owned, clock, logger, emit, edges: () => this.#edges, dispatch: (event: TurnEvent) => this.#dispatch(event) };
    this.#responses = new Responses({
      ...shared,
      log: this.#log,
      heard: this.#heard,
      onFailed: (response) => this.#recovery.failed(response),
    });
    this.#utterances = new Utterances({
      ...shared,
      language: deps.language,
      participant: "person",
      isEcho: (text) => this.#spoken.echoes(text),
      onInterim: (utterance, transcript) => {
        this.#guessed(utterance, transcript, this.#hearing?.guess(transcript) ?? false);
        this.#hearing?.settle();
      },
    });
    this.#commands = new TurnCommands({
      ...shared,
      language: deps.language,
      log: this.#log,
      playback: this.#playback,
      responses: this.#responses,
      utterances: this.#utterances,
      silentMs: () => this.#hearing?.silentMs ?? 0,
      onSpeculation: deps.onSpeculation ?? (() => undefined),
    });
    this.#recovery = new StageRecovery({
      ...shared,
      responses: this.#responses,
      utterances: this.#utterances,
      presentedUs: () => this.#reachedUs,
    });
    this.#attendance = new Attendance({ clock, playback: this.#playback, turn: () => this.#turn, dispatch: shared.dispatch });
    this.#presented = new PresentedReports(
      {
        emit,
        responses: this.#responses,
        utterances: this.#utterances,
        onStarted: () => this.#attendance.expectReport(),
        onHealth: (health) => deps.onHealth?.(health),
        onStopped: (epoch, reason) => this.#recovery.presenterStopped(epoch, reason),
      },
      adopted?.presentedUs ?? 0,
    );
    this.#edges = new SessionEdges({
      bus,
      address: owned.context,
      state: owned.state,
      clock,
      logger,
      onTranscript: (stream) => void this.#utterances.read(stream),
      onReply: (stream) => void this.#responses.readReply(stream),
      onPresented: (stream) => void this.#presented.read(stream),
      av: {
        onHeader: (value) => emit(avEvent({ case: "header", value })),
        onUnit: (value) => {
          emit(avEvent({ case: "unit", value }));
          if (value.track === Track.AUDIO) this.#tail.sound(Number(value.ptsUs) + value.durationUs);
          this.#tail.came();
        },
        onGap: () => this.#edges.requestKeyframe(),
      },
    });
  }

  /** Opens every stage, or fails with the first refusal. */
  static async open(deps: ConversationDeps): Promise<Conversation> {
    const conversation = new Conversation(deps);
    try {
      await deps.bus.flush();
      await deps.owned.open();
      const { vad, endpointPolicy: policy, sampleRateHz, adopted } = deps;
      conversation.#hearing = await Hearing.open({ vad, policy, sampleRateHz, events: conversation.#hearingEvents() });
      if (adopted) conversation.#takeUp(adopted);
      return conversation;
    } catch (thrown) {
      await conversation.close();
      throw thrown;
    }
  }

  /**
   * Resolves when the sound has been heard, so that callers can keep pace.
   * @param sampleRateHz of these samples; may change from call to call
   */
  async hear(samples: Float32Array, sampleRateHz = this.#deps.sampleRateHz): Promise<void> {
    this.#deps.onHeard?.(samples.length / sampleRateHz);
    await this.#hearing?.push(samples, sampleRateHz);
  }

  /** @throws ServiceError TEXT_EMPTY, TEXT_TOO_LONG */
  type(text: string, language: string): void {
    this.#dispatch({ kind: "typed", text: checkText(text, this.#deps.maxTextLength), language });
  }

  /**
   * @param uninterruptible said to its end; what the person says meanwhile is answered afterwards
   * @throws ServiceError TEXT_EMPTY, TEXT_TOO_LONG
   */
  say(text: string, language: string, uninterruptible = false): void {
    this.#dispatch({ kind: "say", text: checkText(text, this.#deps.maxTextLength), language, uninterruptible });
  }

  /** How far the person has heard; what they heard of a response that ended early is cut to it. */
  playback(report: Playback): void {
    if (report.underruns > this.#underruns) this.#deps.onUnderrun?.();
    this.#underruns = report.underruns;
    const silenced = this.#playback.report(report);
    if (silenced !== undefined) this.#heard.silenced(silenced);
    this.#attendance.reported();
  }

  /**
   * Push to talk, and what the caller decides of responses.
   * @param response for CANCEL; 0: the current one
   * @throws ServiceError AUDIO_EMPTY (COMMIT), INVALID_REQUEST (RESPOND while a response runs, CANCEL of one that does not)
   */
  turn(action: TurnAction, response = 0): void {
    switch (action) {
      case TurnAction.COMMIT:
        return this.#unawaited(this.#hearing?.commit());
      case TurnAction.CLEAR:
        return this.#unawaited(this.#hearing?.clear(() => this.#forgetOpen()));
      case TurnAction.RESPOND:
        // Sound that was committed just before is to be part of the question.
        if (this.#current !== undefined) throw new ServiceError("INVALID_REQUEST", `response ${this.#current} is still running`);
        return this.#unawaited(this.#hearing?.inOrder(() => this.#respond()));
      case TurnAction.CANCEL:
        return this.#cancel(response || this.#current);
      default:
        throw new ServiceError("INVALID_REQUEST", "a turn names an action");
    }
  }

  /** How turns are taken from now on. */
  setTurnDetection({ manual, silenceMs, withholdResponse, ignoreInterruptions }: TurnDetection): void {
    this.#policy = { ...this.#deps.turnPolicy, withholdResponse, ignoreInterruptions: ignoreInterruptions || manual };
    this.#unawaited(this.#hearing?.setMode({ manual, silenceMs }));
  }

  /**
   * The history of a response is cut where the caller says; a running one is cancelled. `responseHeard` follows.
   * @param audioEndMs on the response scale
   * @throws ServiceError INVALID_REQUEST where the response is not known
   */
  truncate(response: number, audioEndMs: number): void {
    const running = this.#responses.open().find(({ number }) => number === response);
    if (!running || running.speculative) return this.#heard.truncate(response, audioEndMs * 1000);
    running.heardUntil = { scale: "response", us: audioEndMs * 1000 };
    if (!running.cancelled) this.#cancel(response);
  }

  /** What was said and written so far, oldest first. */
  items(): readonly ConversationItem[] {
    return this.#log.items();
  }

  /** Writes into the conversation; no answer begins. @throws ServiceError TEXT_EMPTY, TEXT_TOO_LONG, INVALID_REQUEST */
  remember(item: NewItem): ConversationItem {
    return this.#log.insert({ ...item, text: checkText(item.text) });
  }

  /** @throws ServiceError INVALID_REQUEST where there is no such item */
  forget(id: string): void {
    this.#log.remove(id);
  }

  /** The form of picture and sound from now on. @returns it, with its revision */
  setOutput(output: OutputSettings): OutputSettings {
    return this.#deps.owned.state.setOutput(output);
  }

  /** No client is attached any more: what is being said waits, and what the person was saying is over. */
  left(): void {
    this.#unawaited(this.#hearing?.pause());
    this.#attendance.left();
  }

  /** A client is attached again: what waited goes on from what the person heard last, as the client reports it now or did before. */
  returned(): void {
    this.#attendance.returned();
  }

  interrupt(): void {
    this.#dispatch({ kind: "interrupt" });
  }

  requestKeyframe(videoBitrateBps: number): void {
    this.#edges.requestKeyframe(videoBitrateBps);
  }

  /** What another gateway needs to go on from here. */
  snapshot(): ConversationSnapshot {
    const recovery = this.#recovery;
    return snapshotOf({ turn: this.#turn, log: this.#log, responses: this.#responses, recovery, presentedUs: this.#reachedUs });
  }

  async move(stage: StageName): Promise<void> {
    await this.#recovery.move(stage);
  }

  /** Whether a response is being made or presented. */
  get speaking(): boolean {
    return this.#responses.busy;
  }

  /** Whether nobody speaks and nothing is owed: nothing is being heard or recognised, no response is being made or presented. */
  get idle(): boolean {
    return this.#turn.turn.phase === "idle" && !this.#responses.busy;
  }

  /** No more comes from the person: resolves when everything owed has been presented. */
  async finish(): Promise<void> {
    await this.#hearing?.finish();
    this.#finishing = Promise.withResolvers();
    this.#checkFinished();
    await this.#finishing.promise;
    await this.#tail.passed(this.#presented.lastEndUs);
  }

  /** The replica of a stage is gone. */
  lost(binding: Binding): void {
    this.#recovery.lost(binding);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#time.close();
    this.#attendance.close();
    this.#recovery.close();
    this.#finishing?.resolve();
    this.#hearing?.close();
    this.#heard.close();
    this.#responses.close();
    this.#utterances.close();
    this.#edges.close();
    await this.#deps.owned.close();
  }

  get #reachedUs(): number {
    return Math.max(this.#tail.soundUs, this.#presented.presentedUs);
  }

  /** Response that has the turn. */
  get #current(): number | undefined {
    const { turn } = this.#turn;
    if (turn.phase === "hearing") return turn.interrupted?.answering.response;
    return turn.phase === "answering" ? turn.response : undefined;
  }

  #cancel(response: number | undefined): void {
    if (response === undefined || response !== this.#current) throw new ServiceError("INVALID_REQUEST", "no such response is running");
    this.#dispatch({ kind: "cancel-response", response });
  }

  /** Goes on where another gateway left the conversation. */
  #takeUp({ unsaid, unanswered }: ConversationSnapshot): void {
    if (unsaid && unsaid.text !== "") this.#dispatch({ kind: "say", ...unsaid });
    else if (unanswered) this.#dispatch({ kind: "respond", language: unanswered.language });
  }

  /** Sound that could not be heard is no reason to end more than that. */
  #unawaited(work: Promise<void> | undefined): void {
    work?.catch((thrown: unknown) => this.#deps.logger.warn({ reason: ServiceError.from(thrown).reason }, "sound was not heard"));
  }

  #emit(event: ConverseResponse["event"]): void {
    if (event.case === "responseText") this.#spoken.add(event.value.clause?.text ?? "");
    if (event.case === "utteranceStarted" || event.case === "utteranceEnded" || event.case === "responseDone") this.#time.active();
    this.#deps.emit(event);
  }

  #dispatch(event: TurnEvent): void {
    if (this.#closed) return;
    if (event.kind === "typed" || event.kind === "respond") this.#time.active();
    const { state, commands } = takeTurn(this.#turn, event, this.#policy);
    this.#turn = state;
    for (const command of commands) {
      if (command.kind === "open-utterance") this.#openUtterance = command.utterance;
      this.#commands.run(command, { returning: event.kind === "returned" });
    }
    this.#checkFinished();
  }

  #respond(): void {
    const asked = this.#turn.turn.phase === "hearing" || this.#log.items().at(-1)?.role !== "assistant";
    if (asked && (this.#turn.turn.phase === "hearing" || this.#log.items().length > 0))
      return this.#dispatch({ kind: "respond", language: this.#deps.language });
    this.#emit({ case: "error", value: toStreamError(new ServiceError("INVALID_REQUEST", "there is nothing to answer"), "gateway") });
  }

  #forgetOpen(): void {
    this.#dispatch({ kind: "discard", utterance: this.#openUtterance });
    this.#utterances.forget(this.#openUtterance);
  }

  #guessed(utterance: number, { text, language }: Transcript, complete: boolean): void {
    const [silentMs, echo] = [this.#hearing?.silentMs ?? 0, this.#spoken.echoes(text)];
    this.#dispatch({ kind: "guess", utterance, text, language, silentMs, complete, echo });
  }

  #hearingEvents() {
    return {
      onset: (startUs: number) => {
        this.#commands.speechStartUs = startUs;
        this.#dispatch({ kind: "onset" });
      },
      lasting: (guess: Transcript) => this.#guessed(this.#openUtterance, guess, true),
      resumed: () => this.#dispatch({ kind: "resumed", utterance: this.#openUtterance }),
      end: (speechEndUs: number) => {
        this.#commands.speechEndUs = speechEndUs;
        this.#dispatch({ kind: "speech-end", utterance: this.#openUtterance });
        // Whoever has the turn by now, the sound is over.
        this.#utterances.end(this.#openUtterance, speechEndUs);
      },
      sound: (ptsUs: number, pcm16: Uint8Array) => this.#utterances.sound(ptsUs, pcm16),
    };
  }

  #checkFinished(): void {
    if (this.#finishing && this.#turn.turn.phase === "idle" && !this.#utterances.waiting && this.#responses.open().length === 0)
      this.#finishing.resolve();
  }
}
