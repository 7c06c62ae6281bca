import { create } from "@bufbuild/protobuf";
import { type ConverseResponse, type PresentedWord, ResponseHeardSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Clock } from "@troupe/timeline";
import type { ConversationLog } from "./conversation-log.ts";
import { type HeardUntil, heardWords } from "./heard-words.ts";
import type { PlaybackPosition } from "./playback-position.ts";

export interface HeardResponsesDeps {
  readonly clock: Clock;
  readonly log: ConversationLog;
  readonly playback: PlaybackPosition;
  readonly emit: (event: ConverseResponse["event"]) => void;
}

/** What left the presenter of a response. */
export interface PresentedResponse {
  readonly response: number;
  readonly complete: boolean;
  readonly text: string;
  readonly presentedUs: number;
  readonly words: readonly PresentedWord[];
  /** Where the person stopped hearing it, if the caller has said so already. */
  readonly heardUntil: HeardUntil | undefined;
}

/** A client tells where it fell silent this long after a cancel at the latest. */
const reportWaitMs = 300;
/** Responses whose words are kept, for a caller who cuts them later. */
const kept = 32;

/** Cuts what the history holds of responses to what the person heard of them. */
export class HeardResponses {
  readonly #deps: HeardResponsesDeps;
  readonly #presented = new Map<number, PresentedResponse>();
  /** Responses whose end for the person is not known yet. */
  readonly #open = new Map<number, { readonly settled: PromiseWithResolvers<void>; cancelTimer: () => void }>();

  constructor(deps: HeardResponsesDeps) {
    this.#deps = deps;
  }

  /** It is cancelled: what was heard of it will be known when it has left the presenter and the client has told. */
  expect(response: number): void {
    if (this.#open.has(response)) return;
    this.#open.set(response, { settled: Promise.withResolvers(), cancelTimer: () => undefined });
  }

  /** Resolves when what was heard of every cancelled response is known. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all([...this.#open.values()].map(({ settled }) => settled.promise));
  }

  /** It has left the presenter, whole or not. */
  ended(presented: PresentedResponse): void {
    const { response, text, complete, heardUntil } = presented;
    const { log, playback, clock } = this.#deps;
    this.#presented.set(response, presented);
    for (const old of this.#presented.keys()) if (old <= response - kept) this.#presented.delete(old);
    log.setHeard(response, text);
    if (complete) return this.#settle(response);
    const silencedUs = playback.silencedUs(response);
    if (heardUntil) return this.#cut(presented, heardUntil);
    if (silencedUs !== undefined) return this.#cut(presented, { scale: "session", us: silencedUs });
    const entry = this.#open.get(response);
    if (!entry || !playback.reporting) return this.#unreported(presented);
    entry.cancelTimer = clock.setTimer(reportWaitMs, () => this.#unreported(presented));
  }

  /** The client has told where a response fell silent. */
  silenced(response: number): void {
    const presented = this.#presented.get(response);
    const us = this.#deps.playback.silencedUs(response);
    if (presented && us !== undefined && this.#open.has(response)) this.#cut(presented, { scale: "session", us });
  }

  /** The caller cuts a response that is over. @throws ServiceError INVALID_REQUEST where it is not known any more */
  truncate(response: number, audioEndUs: number): void {
    const presented = this.#presented.get(response);
    if (!presented) throw new ServiceError("INVALID_REQUEST", `response ${response} is not known`);
    this.#cut(presented, { scale: "response", us: audioEndUs });
  }

  /** Nothing was heard of it. */
  unheard(response: number): void {
    this.#deps.log.setHeard(response, "");
    this.#settle(response);
  }

  close(): void {
    for (const response of [...this.#open.keys()]) this.#settle(response);
  }

  #cut(presented: PresentedResponse, until: HeardUntil): void {
    const { response, words, text, presentedUs } = presented;
    // A presenter that reports no words: what left it is the best there is.
    if (words.length === 0 && text !== "") return this.#unreported(presented);
    const heard = heardWords(words, until);
    const whole = heard.heardUs > 0 && heard.heardUs === Number(words.at(-1)?.responseEndUs);
    this.#tell(response, whole ? text : heard.text, whole ? presentedUs : heard.heardUs, true);
  }

  #unreported({ response, text, presentedUs }: PresentedResponse): void {
    this.#tell(response, text, presentedUs, false);
  }

  #tell(response: number, text: string, heardUs: number, reported: boolean): void {
    this.#deps.log.setHeard(response, text);
    this.#settle(response);
    const value = create(ResponseHeardSchema, { response, text, heardUs: BigInt(Math.round(heardUs)), reported });
    this.#deps.emit({ case: "responseHeard", value });
  }

  #settle(response: number): void {
    const entry = this.#open.get(response);
    this.#open.delete(response);
    entry?.cancelTimer();
    entry?.settled.resolve();
  }
}
