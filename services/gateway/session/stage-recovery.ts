import { create } from "@bufbuild/protobuf";
import { type ConverseResponse, NoticeKind, NoticeSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type Binding, type Logger, type OwnedSession, type StageName, toStreamError } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { TurnEvent } from "../turn-taking/index.ts";
import type { Response } from "./response.ts";
import type { Responses } from "./responses.ts";
import type { Utterances } from "./utterances.ts";

export interface StageRecoveryDeps {
  readonly owned: OwnedSession;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly responses: Responses;
  readonly utterances: Utterances;
  readonly emit: (event: ConverseResponse["event"]) => void;
  readonly dispatch: (event: TurnEvent) => void;
  /** How far the session was presented, on its own scale. */
  readonly presentedUs: () => number;
}

const replaceIntervalMs = 300;
/** A question whose answer was lost with a stage is kept so long; later, the person is asked to say it again. */
const patienceMs = 15_000;
/** Nobody is answered without them. A face may fail: the presenter has a mouth of its own. */
const answering: ReadonlySet<StageName> = new Set(["llm", "tts", "compositor"]);

/** Keeps a session going when its stages do not: moves them, and opens those that are lost elsewhere. */
export class StageRecovery {
  readonly #deps: StageRecoveryDeps;
  readonly #replacing = new Map<StageName, Promise<void>>();
  /** Languages of the responses whose questions are kept, by number. */
  readonly #kept = new Map<number, string>();
  readonly #closing = Promise.withResolvers<void>();
  #closed = false;

  constructor(deps: StageRecoveryDeps) {
    this.#deps = deps;
  }

  async move(stage: StageName): Promise<void> {
    this.#moved(stage, stage === "compositor" ? await this.#moveCompositor() : await this.#deps.owned.move(stage));
  }

  /** The replica of a stage is gone. */
  lost(binding: Binding): void {
    const { stage, replica, epoch } = binding;
    if (this.#closed || this.#replacing.has(stage)) return;
    const { owned, logger, emit, utterances } = this.#deps;
    if (owned.binding(stage)?.epoch !== epoch) return;
    logger.warn({ stage, replica }, "a replica was lost");
    const error = new ServiceError("STAGE_LOST", `the ${stage} replica that served the session stopped answering`, { metadata: { stage } });
    emit({ case: "error", value: toStreamError(error, stage) });
    if (stage === "asr") utterances.failAll(error);
    void this.#replaceInBackground(stage);
    this.#answerAgain(this.#affectedBy(stage), error);
  }

  /** A response failed. While a stage is away, what it was to answer waits for the stage. */
  failed(response: Response): void {
    if (this.#away().length > 0) this.#keep(response);
    else this.#deps.dispatch({ kind: "response-failed", response: response.number, excuse: true });
  }

  /** Language of the response, if what it was to answer waits for a stage; BCP-47. */
  kept(response: number): string | undefined {
    return this.#kept.get(response);
  }

  /**
   * The presenter stopped by itself, though its replica still beats. Not replaced at once: a presenter that cannot work would be
   * opened again without pause.
   */
  presenterStopped(epoch: number, reason: string): void {
    const binding = this.#deps.owned.binding("compositor");
    if (this.#closed || binding?.epoch !== epoch) return;
    this.#deps.logger.warn({ reason }, "reports of the presenter were lost");
    this.#deps.clock.setTimer(replaceIntervalMs, () => this.lost(binding));
  }

  close(): void {
    this.#closed = true;
    this.#closing.resolve();
  }

  /** They are void: of those that somebody waits for the last is made again, a speculation when it is wanted. */
  #answerAgain(affected: readonly Response[], error: ServiceError): void {
    const wanted = affected.findLast(({ speculative, cancelled, done }) => !speculative && !cancelled && !done);
    for (const response of affected) this.#deps.responses.fail(response, error);
    if (wanted) this.#keep(wanted);
  }

  /** Responses that cannot go on without the stage. */
  #affectedBy(stage: StageName) {
    const open = this.#deps.responses.open();
    if (stage === "llm") return open.filter((response) => !response.replyComplete);
    return answering.has(stage) ? open : [];
  }

  #replaceInBackground(stage: StageName): Promise<void> {
    const replaced = this.#replace(stage).finally(() => this.#replacing.delete(stage));
    this.#replacing.set(stage, replaced);
    return replaced;
  }

  async #replace(stage: StageName): Promise<void> {
    const { owned, clock, logger } = this.#deps;
    while (!this.#closed) {
      try {
        return this.#moved(stage, await owned.replace(stage, this.#settingsFor(stage)));
      } catch (thrown) {
        logger.warn({ stage, reason: ServiceError.from(thrown).reason }, "a lost stage could not be opened elsewhere yet");
        await clock.sleep(replaceIntervalMs);
      }
    }
  }

  #away(): readonly Promise<void>[] {
    return [...this.#replacing].flatMap(([stage, replaced]) => (answering.has(stage) ? [replaced] : []));
  }

  #keep({ number, language }: Response): void {
    const { emit, dispatch } = this.#deps;
    this.#kept.set(number, language);
    emit({ case: "notice", value: create(NoticeSchema, { kind: NoticeKind.DELAY, seconds: patienceMs / 1000 }) });
    dispatch({ kind: "response-stalled", response: number });
    void this.#whenBack(number, language).finally(() => this.#kept.delete(number));
  }

  /** In time, the question is answered again; later, the person is told once somebody can tell them. */
  async #whenBack(response: number, language: string): Promise<void> {
    const { clock, dispatch } = this.#deps;
    const late = Promise.withResolvers<"late">();
    const cancel = clock.setTimer(patienceMs, () => late.resolve("late"));
    const back = this.#allBack();
    const inTime = (await Promise.race([back, late.promise, this.#closing.promise])) !== "late";
    cancel();
    if (this.#closed) return;
    dispatch({ kind: "response-failed", response, excuse: inTime, lost: inTime });
    if (inTime) return;
    await Promise.race([back, this.#closing.promise]);
    dispatch({ kind: "apologise", language });
  }

  async #allBack(): Promise<void> {
    for (let away = this.#away(); away.length > 0; away = this.#away()) await Promise.all(away);
  }

  /** A new presenter goes on where the old one was. */
  #settingsFor(stage: StageName) {
    const settings = this.#deps.owned.settings(stage);
    if (settings.case !== "presentation") return settings;
    return { case: "presentation", value: { ...settings.value, startPtsUs: BigInt(this.#deps.presentedUs()) } } as const;
  }

  async #moveCompositor(): Promise<Binding> {
    const { owned, responses } = this.#deps;
    const open = responses.open();
    try {
      const binding = await owned.replace("compositor", this.#settingsFor("compositor"), true);
      // What was only a speculation when the move began may be waited for by now.
      this.#answerAgain(open, new ServiceError("STAGE_LOST", "the presenter moved", { metadata: { stage: "compositor" } }));
      return binding;
    } catch (thrown) {
      // It was let go and could not open elsewhere: any replica will do now, the old one too.
      if (!owned.binding("compositor")) void this.#replaceInBackground("compositor");
      throw thrown;
    }
  }

  #moved(stage: StageName, { replica, epoch }: Binding): void {
    this.#deps.emit({ case: "moved", value: { $typeName: "troupe.conversation.v1.Moved", stage, replica, epoch } });
  }
}
