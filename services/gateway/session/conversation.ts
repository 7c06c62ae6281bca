import type { Bus } from "@troupe/bus";
import {
  type ConverseResponse,
  type OutputSettings,
  type Playback,
  type PresentedPacket,
  Track,
  type TurnAction,
  type TurnDetection,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type Binding, type InStream, type Logger, type OwnedSession, type StageName, toStreamError } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { EndpointPolicy, Vad } from "@troupe/vad";
import { initialTurnState, type TurnCommand, type TurnEvent, type TurnPolicy, type TurnState, takeTurn } from "../turn-taking/index.ts";
import { ConversationLog } from "./conversation-log.ts";
import { Hearing } from "./hearing.ts";
import { Responses } from "./responses.ts";
import { SessionEdges } from "./session-edges.ts";
import { StageRecovery } from "./stage-recovery.ts";
import { checkText } from "./text-limit.ts";
import { Utterances } from "./utterances.ts";

export interface ConversationDeps {
  readonly owned: OwnedSession;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly vad: Vad;
  readonly turnPolicy: TurnPolicy;
  readonly endpointPolicy: EndpointPolicy;
  readonly sampleRateHz: number;
  /** BCP-47; empty: as it is heard. */
  readonly language: string;
  readonly emit: (event: ConverseResponse["event"]) => void;
}

/** What is said of text whose language nobody tells. */
const unknownLanguage = "en";
/** Presentation that follows the last response before a finished session ends. */
const tailUs = 200_000;
const tailTimeoutMs = 2000;

/** One session with one person: carries out what turn-taking decides. */
export class Conversation {
  readonly #deps: ConversationDeps;
  readonly #log = new ConversationLog();
  readonly #responses: Responses;
  readonly #utterances: Utterances;
  readonly #recovery: StageRecovery;
  #edges: SessionEdges;
  #hearing: Hearing | undefined;
  #turn: TurnState = initialTurnState;
  #openUtterance = 0;
  #speechEndUs = 0;
  #avPtsUs = 0;
  #presentedUs = 0;
  /** Where the last response ended. */
  #lastEndUs = 0;
  #finishing: PromiseWithResolvers<void> | undefined;
  #moreAv: () => void = () => undefined;
  #closed = false;

  private constructor(deps: ConversationDeps) {
    this.#deps = deps;
    const { owned, clock, logger, emit, bus } = deps;
    const shared = { owned, clock, logger, emit, edges: () => this.#edges, dispatch: (event: TurnEvent) => this.#dispatch(event) };
    this.#responses = new Responses({ ...shared, log: this.#log });
    this.#utterances = new Utterances({
      ...shared,
      language: deps.language,
      participant: "person",
      onInterim: (transcript) => this.#hearing?.guess(transcript),
    });
    this.#recovery = new StageRecovery({
      ...shared,
      responses: this.#responses,
      utterances: this.#utterances,
      presentedUs: () => Math.max(this.#avPtsUs, this.#presentedUs),
    });
    this.#edges = new SessionEdges({
      bus,
      address: owned.context,
      state: owned.state,
      clock,
      logger,
      onTranscript: (stream) => void this.#utterances.read(stream),
      onReply: (stream) => void this.#responses.readReply(stream),
      onPresented: (stream) => void this.#readPresented(stream),
      av: {
        onHeader: (value) =>
          emit({ case: "av", value: { $typeName: "troupe.presentation.v1.AvPacket", epoch: 0, seq: 0, body: { case: "header", value } } }),
        onUnit: (value) => {
          emit({ case: "av", value: { $typeName: "troupe.presentation.v1.AvPacket", epoch: 0, seq: 0, body: { case: "unit", value } } });
          if (value.track === Track.AUDIO) this.#avPtsUs = Number(value.ptsUs) + value.durationUs;
          this.#moreAv();
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
      const { vad, endpointPolicy: policy, sampleRateHz } = deps;
      conversation.#hearing = await Hearing.open({ vad, policy, sampleRateHz, events: conversation.#hearingEvents() });
      return conversation;
    } catch (thrown) {
      await conversation.close();
      throw thrown;
    }
  }

  /** Resolves when the sound has been heard, so that callers can keep pace. */
  async hear(samples: Float32Array): Promise<void> {
    await this.#hearing?.push(samples);
  }

  /** @throws ServiceError TEXT_EMPTY, TEXT_TOO_LONG */
  type(text: string, language: string): void {
    this.#dispatch({ kind: "typed", text: checkText(text), language });
  }

  /** @throws ServiceError TEXT_EMPTY, TEXT_TOO_LONG */
  say(text: string, language: string, _uninterruptible = false): void {
    this.#dispatch({ kind: "say", text: checkText(text), language });
  }

  /** How far the person has heard; what they heard of a response that ended early is cut to it. */
  playback(_report: Playback): void {}

  /** Push to talk, and what the caller decides of responses. @param response 0: the current one */
  turn(_action: TurnAction, _response = 0): void {}

  setTurnDetection(_detection: TurnDetection): void {}

  /** The form of picture and sound from now on. @returns it, with its revision */
  setOutput(output: OutputSettings): OutputSettings {
    return this.#deps.owned.state.setOutput(output);
  }

  /** No client is attached any more: what is being said waits. */
  left(): void {}

  /** A client is attached again. */
  returned(): void {}

  interrupt(): void {
    this.#dispatch({ kind: "interrupt" });
  }

  requestKeyframe(videoBitrateBps: number): void {
    this.#edges.requestKeyframe(videoBitrateBps);
  }

  async move(stage: StageName): Promise<void> {
    await this.#recovery.move(stage);
  }

  /** Whether a response is being made or presented. */
  get speaking(): boolean {
    return this.#responses.open().length > 0;
  }

  /** No more comes from the person: resolves when everything owed has been presented. */
  async finish(): Promise<void> {
    await this.#hearing?.finish();
    this.#finishing = Promise.withResolvers();
    this.#checkFinished();
    await this.#finishing.promise;
    await this.#tail();
  }

  /** The replica of a stage is gone. */
  lost(binding: Binding): void {
    this.#recovery.lost(binding);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#recovery.close();
    this.#finishing?.resolve();
    this.#hearing?.close();
    this.#responses.close();
    this.#utterances.close();
    this.#edges.close();
    await this.#deps.owned.close();
  }

  #dispatch(event: TurnEvent): void {
    if (this.#closed) return;
    const { state, commands } = takeTurn(this.#turn, event, this.#deps.turnPolicy);
    this.#turn = state;
    for (const command of commands) this.#run(command);
    this.#checkFinished();
  }

  #run(command: TurnCommand): void {
    const { owned, clock, emit } = this.#deps;
    switch (command.kind) {
      case "open-utterance":
        this.#openUtterance = command.utterance;
        return this.#utterances.begin(command.utterance);
      case "close-utterance":
        return this.#utterances.end(command.utterance, this.#speechEndUs);
      case "decide-later":
        clock.setTimer(command.afterMs, () =>
          this.#dispatch({ kind: "decision-due", utterance: command.utterance, speaking: this.#hearing?.speaking ?? false }),
        );
        return;
      case "hold":
        return owned.state.hold(command.response);
      case "release":
        return owned.state.release(command.response);
      case "cancel":
        return this.#responses.cancel(command.response);
      case "answer": {
        if (owned.state.view.lastUtterance < command.utterance) this.#utterances.typed(command.utterance);
        this.#log.addUser(command.text);
        const { utterance, language } = command;
        return this.#responses.begin(
          command.response,
          { utterance, language: language || this.#deps.language || unknownLanguage },
          this.#utterances.takeSpan(utterance),
        );
      }
      case "say":
        return this.#responses.begin(
          command.response,
          { utterance: 0, language: command.language || this.#deps.language || unknownLanguage, line: command.text },
          undefined,
        );
      case "nothing-heard":
        return emit({ case: "error", value: toStreamError(new ServiceError("NO_SPEECH", "nothing could be understood"), "asr") });
    }
  }

  #hearingEvents() {
    return {
      onset: () => this.#dispatch({ kind: "onset" }),
      end: (speechEndUs: number) => {
        this.#speechEndUs = speechEndUs;
        this.#dispatch({ kind: "speech-end", utterance: this.#openUtterance });
        // Whoever has the turn by now, the sound is over.
        this.#utterances.end(this.#openUtterance, speechEndUs);
      },
      sound: (ptsUs: number, pcm16: Uint8Array) => this.#utterances.sound(ptsUs, pcm16),
    };
  }

  async #readPresented(stream: InStream<"presented">): Promise<void> {
    try {
      for await (const body of stream) this.#report(body);
    } catch (thrown) {
      this.#recovery.presenterStopped(stream.number, ServiceError.from(thrown).reason);
    }
  }

  #report(body: PresentedPacket["body"]): void {
    if (body.case === "end" || body.case === undefined) return;
    if ("sessionPtsUs" in body.value) this.#presentedUs = Math.max(this.#presentedUs, Number(body.value.sessionPtsUs));
    if (body.case === "started") {
      const asrMs = this.#asrOf(body.value.response);
      this.#responses.started({ ...body.value, stageMs: { ...(asrMs === undefined ? {} : { asr: asrMs }), ...body.value.stageMs } });
    }
    if (body.case === "finished") {
      this.#lastEndUs = Number(body.value.sessionPtsUs);
      this.#responses.finished(body.value);
    }
  }

  #asrOf(number: number): number | undefined {
    const response = this.#responses.open().find((candidate) => candidate.number === number);
    return response && this.#utterances.asrMs(response.utterance);
  }

  #checkFinished(): void {
    if (this.#finishing && this.#turn.turn.phase === "idle" && !this.#utterances.waiting && this.#responses.open().length === 0)
      this.#finishing.resolve();
  }

  /** Waits until what follows the last response has come, so that a recording ends with a closed mouth. */
  async #tail(): Promise<void> {
    const untilUs = this.#lastEndUs + tailUs;
    const late = Promise.withResolvers<void>();
    const cancel = this.#deps.clock.setTimer(tailTimeoutMs, late.resolve);
    const enough = Promise.withResolvers<void>();
    this.#moreAv = () => {
      if (this.#avPtsUs >= untilUs) enough.resolve();
    };
    this.#moreAv();
    await Promise.race([enough.promise, late.promise]);
    cancel();
  }
}
