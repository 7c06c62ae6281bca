import { create } from "@bufbuild/protobuf";
import { type ConverseResponse, NoticeKind, NoticeSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type Binding, type Logger, type OwnedSession, type StageName, toStreamError } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { TurnEvent } from "../turn-taking/index.ts";
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
/** Time for a lost stage to come back before its response is given up without an excuse. */
const excuseWindowMs = 1500;

/** Keeps a session going when its stages do not: moves them, and opens those that are lost elsewhere. */
export class StageRecovery {
  readonly #deps: StageRecoveryDeps;
  readonly #replacing = new Map<StageName, Promise<void>>();
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
    const { owned, logger, emit, responses, utterances } = this.#deps;
    if (owned.binding(stage)?.epoch !== epoch) return;
    logger.warn({ stage, replica }, "a replica was lost");
    const error = new ServiceError("STAGE_LOST", `the ${stage} replica that served the session stopped answering`, { metadata: { stage } });
    emit({ case: "error", value: toStreamError(error, stage) });
    const affected = this.#affectedBy(stage);
    for (const response of affected) responses.fail(response, error);
    if (stage === "asr") utterances.failAll(error);
    const replaced = this.#replaceInBackground(stage);
    const number = affected.at(-1)?.number;
    if (number === undefined) return;
    emit({ case: "notice", value: create(NoticeSchema, { kind: NoticeKind.DELAY, seconds: Math.ceil(excuseWindowMs / 1000) }) });
    void this.#excuse(number, replaced);
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
  }

  /** Responses that cannot go on without the stage. A face may fail: the presenter has a mouth of its own. */
  #affectedBy(stage: StageName) {
    const open = this.#deps.responses.open();
    if (stage === "llm") return open.filter((response) => !response.replyComplete);
    return stage === "tts" || stage === "compositor" ? open : [];
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

  async #excuse(number: number, replaced: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<false>();
    const cancel = this.#deps.clock.setTimer(excuseWindowMs, () => late.resolve(false));
    const excuse = await Promise.race([replaced.then(() => true), late.promise]);
    cancel();
    this.#deps.dispatch({ kind: "response-failed", response: number, excuse, lost: excuse });
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
      for (const response of open) responses.cancel(response.number);
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
