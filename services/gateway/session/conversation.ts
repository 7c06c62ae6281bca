import type { Bus } from "@troupe/bus";
import { type ConverseResponse, type PresentedPacket, Track } from "@troupe/contracts";
import { type Reason, ServiceError } from "@troupe/errors";
import { type Binding, type InStream, type Logger, type OwnedSession, type StageName, toStreamError } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { EndpointPolicy, Vad } from "@troupe/vad";
import { initialTurnState, type TurnCommand, type TurnEvent, type TurnPolicy, type TurnState, takeTurn } from "../turn-taking/index.ts";
import { ConversationLog } from "./conversation-log.ts";
import { Hearing } from "./hearing.ts";
import { Responses } from "./responses.ts";
import { SessionEdges } from "./session-edges.ts";
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
  readonly language: string;
  readonly emit: (event: ConverseResponse["event"]) => void;
}

export const textLimit = 4000;
const replaceIntervalMs = 300;
/** Time for a lost stage to come back before its response is given up without an excuse. */
const excuseWindowMs = 1500;
/** Presentation that follows the last response before a finished session ends. */
const tailUs = 200_000;
const tailTimeoutMs = 2000;

/** One session with one person: carries out what turn-taking decides, and keeps the session going when its stages do not. */
export class Conversation {
  readonly #deps: ConversationDeps;
  readonly #log = new ConversationLog();
  readonly #responses: Responses;
  readonly #utterances: Utterances;
  readonly #replacing = new Map<StageName, Promise<void>>();
  #edges: SessionEdges;
  #hearing: Hearing | undefined;
  #turn: TurnState = initialTurnState;
  #avPtsUs = 0;
  #presentedUs = 0;
  #finishing: PromiseWithResolvers<void> | undefined;
  #moreAv: () => void = () => undefined;
  #closed = false;

  private constructor(deps: ConversationDeps) {
    this.#deps = deps;
    const { owned, clock, logger, emit, bus } = deps;
    const shared = { owned, clock, logger, emit, edges: () => this.#edges, dispatch: (event: TurnEvent) => this.#dispatch(event) };
    this.#responses = new Responses({ ...shared, log: this.#log });
    this.#utterances = new Utterances({ ...shared, language: deps.language, participant: "person" });
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
  say(text: string, language: string): void {
    this.#dispatch({ kind: "say", text: checkText(text), language });
  }

  interrupt(): void {
    this.#dispatch({ kind: "interrupt" });
  }

  requestKeyframe(videoBitrateBps: number): void {
    this.#edges.requestKeyframe(videoBitrateBps);
  }

  async move(stage: StageName): Promise<void> {
    const binding = stage === "compositor" ? await this.#moveCompositor() : await this.#deps.owned.move(stage);
    this.#deps.emit({
      case: "moved",
      value: { $typeName: "troupe.conversation.v1.Moved", stage, replica: binding.replica, epoch: binding.epoch },
    });
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
    const { stage, replica, epoch } = binding;
    if (this.#closed || this.#replacing.has(stage)) return;
    const { owned, logger, emit } = this.#deps;
    if (owned.binding(stage)?.epoch !== epoch) return;
    logger.warn({ stage, replica }, "a replica was lost");
    const error = new ServiceError("STAGE_LOST", `the ${stage} replica that served the session stopped answering`, { metadata: { stage } });
    emit({ case: "error", value: toStreamError(error, stage) });
    const affected = this.#affectedBy(stage);
    for (const response of affected) this.#responses.fail(response, error);
    if (stage === "asr") this.#utterances.failAll(error);
    const replaced = this.#replace(stage).finally(() => this.#replacing.delete(stage));
    this.#replacing.set(stage, replaced);
    const number = affected.at(-1)?.number;
    if (number !== undefined) void this.#excuse(number, replaced);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
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
          { utterance, language: language || this.#deps.language },
          this.#utterances.takeSpan(utterance),
        );
      }
      case "say":
        return this.#responses.begin(
          command.response,
          { utterance: 0, language: command.language || this.#deps.language, line: command.text },
          undefined,
        );
      case "nothing-heard":
        return emit({ case: "error", value: toStreamError(new ServiceError("NO_SPEECH", "nothing could be understood"), "asr") });
    }
  }

  #speechEndUs = 0;
  #openUtterance = 0;

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
      const reason: Reason = ServiceError.from(thrown).reason;
      const binding = this.#deps.owned.binding("compositor");
      if (this.#closed || binding?.epoch !== stream.number) return;
      this.#deps.logger.warn({ reason }, "reports of the presenter were lost");
      // Not at once: a presenter that cannot work would be opened again without pause.
      this.#deps.clock.setTimer(replaceIntervalMs, () => this.lost(binding));
    }
  }

  #report(body: PresentedPacket["body"]): void {
    if (body.case === "end" || body.case === undefined) return;
    this.#presentedUs = Math.max(this.#presentedUs, Number(body.value.sessionPtsUs));
    if (body.case === "started") {
      const asrMs = this.#asrOf(body.value.response);
      this.#responses.started({ ...body.value, stageMs: { ...(asrMs === undefined ? {} : { asr: asrMs }), ...body.value.stageMs } });
    }
    if (body.case === "finished") this.#responses.finished(body.value);
  }

  #asrOf(number: number): number | undefined {
    const response = this.#responses.open().find((candidate) => candidate.number === number);
    return response && this.#utterances.asrMs(response.utterance);
  }

  /** Responses that cannot go on without the stage. A face may fail: the presenter has a mouth of its own. */
  #affectedBy(stage: StageName) {
    const open = this.#responses.open();
    if (stage === "llm") return open.filter((response) => !response.replyComplete);
    return stage === "tts" || stage === "compositor" ? open : [];
  }

  async #replace(stage: StageName): Promise<void> {
    const { owned, clock, logger, emit } = this.#deps;
    while (!this.#closed) {
      try {
        const binding = await owned.replace(stage, this.#settingsFor(stage));
        emit({
          case: "moved",
          value: { $typeName: "troupe.conversation.v1.Moved", stage, replica: binding.replica, epoch: binding.epoch },
        });
        return;
      } catch (thrown) {
        logger.warn({ stage, reason: ServiceError.from(thrown).reason }, "a lost stage could not be opened elsewhere yet");
        await clock.sleep(replaceIntervalMs);
      }
    }
  }

  async #excuse(number: number, replaced: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<false>();
    const cancel = this.#deps.clock.setTimer(excuseWindowMs, () => late.resolve(false));
    const excuse = await Promise.race([replaced.then(() => true), late.promise]);
    cancel();
    this.#dispatch({ kind: "response-failed", response: number, excuse });
  }

  /** A new presenter goes on where the old one was. */
  #settingsFor(stage: StageName) {
    const settings = this.#deps.owned.settings(stage);
    if (settings.case !== "presentation") return settings;
    return { case: "presentation", value: { ...settings.value, startPtsUs: BigInt(Math.max(this.#avPtsUs, this.#presentedUs)) } } as const;
  }

  async #moveCompositor(): Promise<Binding> {
    for (const response of this.#responses.open()) this.#responses.cancel(response.number);
    return await this.#deps.owned.replace("compositor", this.#settingsFor("compositor"), true);
  }

  #checkFinished(): void {
    if (this.#finishing && this.#turn.turn.phase === "idle" && !this.#utterances.waiting && this.#responses.open().length === 0)
      this.#finishing.resolve();
  }

  /** Waits until what follows the last response has come, so that a recording ends with a closed mouth. */
  async #tail(): Promise<void> {
    const untilUs = this.#presentedUs + tailUs;
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

function checkText(text: string): string {
  if (text.trim() === "") throw new ServiceError("TEXT_EMPTY", "the text is empty");
  if (text.length > textLimit) throw new ServiceError("TEXT_TOO_LONG", `the text has ${text.length} characters, ${textLimit} are allowed`);
  return text;
}
