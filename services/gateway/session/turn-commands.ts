import type { ConverseResponse } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type OwnedSession, toStreamError } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { TurnCommand, TurnEvent } from "../turn-taking/index.ts";
import type { ConversationLog } from "./conversation-log.ts";
import type { PlaybackPosition } from "./playback-position.ts";
import type { Responses } from "./responses.ts";
import type { Utterances } from "./utterances.ts";

/** How a speculative response ended. */
export type SpeculationCounter = (outcome: "committed" | "wasted") => void;

export interface TurnCommandsDeps {
  readonly owned: OwnedSession;
  readonly clock: Clock;
  /** BCP-47; empty: as it is heard. */
  readonly language: string;
  readonly log: ConversationLog;
  readonly playback: PlaybackPosition;
  readonly responses: Responses;
  readonly utterances: Utterances;
  readonly emit: (event: ConverseResponse["event"]) => void;
  readonly dispatch: (event: TurnEvent) => void;
  /** How long no voice has been heard; 0: one is heard now. */
  readonly silentMs: () => number;
  readonly onSpeculation: SpeculationCounter;
}

/** What is said of text whose language nobody tells. */
const unknownLanguage = "en";

/** Carries out what turn-taking decides. */
export class TurnCommands {
  readonly #deps: TurnCommandsDeps;
  /** Where the speech that is open began, and where the last one ended, in the sound received. */
  speechStartUs = 0;
  speechEndUs = 0;

  constructor(deps: TurnCommandsDeps) {
    this.#deps = deps;
  }

  /** @param context returning: the person was away, so that what they heard last was reported before */
  run(command: TurnCommand, context: { readonly returning: boolean }): void {
    const { utterances, clock, dispatch, silentMs, log, emit } = this.#deps;
    switch (command.kind) {
      case "open-utterance":
        return utterances.begin(command.utterance, this.speechStartUs);
      case "close-utterance":
        return utterances.end(command.utterance, this.speechEndUs);
      case "type-utterance":
        return utterances.typed(command.utterance);
      case "decide-later":
        clock.setTimer(command.afterMs, () => dispatch({ kind: "decision-due", utterance: command.utterance, silentMs: silentMs() }));
        return;
      case "note":
        return log.addUser(command.utterance, command.text);
      case "nothing-heard":
        return emit({ case: "error", value: toStreamError(new ServiceError("NO_SPEECH", "nothing could be understood"), "asr") });
      case "hold":
        return this.#hold(command.response);
      case "release":
        return this.#release(command.response, context.returning);
      default:
        return this.#respond(command);
    }
  }

  #respond(command: TurnCommand): void {
    const { log, responses, utterances, onSpeculation } = this.#deps;
    switch (command.kind) {
      case "answer": {
        const { response, utterance, text } = command;
        if (text !== undefined) log.addQuestion(utterance, text);
        return responses.begin(response, { utterance, language: this.#languageOf(command) }, utterances.takeSpan(utterance));
      }
      case "speculate": {
        const { response, utterance, text } = command;
        const wanted = { utterance, language: this.#languageOf(command), question: text, speculative: true };
        return responses.begin(response, wanted, utterances.span(utterance));
      }
      case "commit":
        onSpeculation("committed");
        log.addQuestion(command.utterance, command.text);
        utterances.takeSpan(command.utterance);
        return responses.commit(command.response);
      case "say":
        return responses.begin(command.response, { utterance: 0, language: this.#languageOf(command), line: command.text }, undefined);
      case "cancel":
        if (responses.speculates(command.response)) onSpeculation("wasted");
        return responses.cancel(command.response);
    }
  }

  #hold(response: number): void {
    this.#deps.owned.state.hold(response);
    this.#deps.responses.suspend(response);
    this.#held(response, true);
  }

  #release(response: number, returning: boolean): void {
    const { owned, playback, responses } = this.#deps;
    owned.state.release(response, playback.silencedUs(response) ?? (returning ? playback.positionUs : 0));
    playback.resumed(response);
    responses.resume(response);
    this.#held(response, false);
  }

  #held(response: number, held: boolean): void {
    this.#deps.emit({ case: "responseHeld", value: { $typeName: "troupe.conversation.v1.ResponseHeld", response, held } });
  }

  #languageOf({ language }: { readonly language: string }): string {
    return language || this.#deps.language || unknownLanguage;
  }
}
