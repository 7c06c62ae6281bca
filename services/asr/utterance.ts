import { ServiceError } from "@troupe/errors";
import type { VadStream } from "@troupe/vad";
import type { AsrBackend, Transcription } from "./backends/backend.ts";
import { createInterimPace } from "./interim-pace.ts";
import { PauseWatch } from "./pause-watch.ts";
import { UtteranceAudio } from "./utterance-audio.ts";

/** Finals go before everybody's interims. */
const finalBudgetMs = 8_000;
/** An interim that takes longer is old. */
const interimBudgetMs = 1_500;
/** A language is taken for the whole utterance once it was heard in so much of it. */
const languageUs = 1_000_000;

export interface UtteranceDeps {
  readonly backend: AsrBackend;
  /** To hear pauses; without it the final is not begun before the end. */
  readonly vad: VadStream | undefined;
  readonly interims: boolean;
  /** Whether the first words are wanted soon: they decide whether a response goes on. */
  readonly hurried: () => boolean;
  readonly hotWords: readonly string[];
  readonly signal: AbortSignal;
  /** A guess has come; see `takeGuess`. */
  readonly onGuess: () => void;
}

/** What was begun in a pause: the final, should the utterance end there. */
interface Speculation {
  readonly controller: AbortController;
  readonly result: Promise<Transcription | undefined>;
}

/** Recognition of one utterance while it comes in. */
export class Utterance {
  readonly #deps: UtteranceDeps;
  readonly #audio: UtteranceAudio;
  readonly #pace = createInterimPace();
  readonly #watch: PauseWatch | undefined;
  #language: string | undefined;
  #hurried = false;
  #interim: AbortController | undefined;
  #speculation: Speculation | undefined;
  #guess: Transcription | undefined;

  constructor(deps: UtteranceDeps, language: string | undefined) {
    this.#deps = deps;
    this.#audio = new UtteranceAudio(deps.backend.maxAudioMs);
    this.#language = language;
    this.#watch = deps.vad && new PauseWatch(deps.vad, { pause: () => this.#speculate(), resumed: () => this.#discard("speech goes on") });
  }

  setLanguage(language: string): void {
    this.#language = language;
  }

  /** @throws ServiceError AUDIO_TOO_LONG */
  add(ptsUs: number, pcm16: Uint8Array): void {
    const fresh = this.#audio.add(ptsUs, pcm16);
    if (fresh.length > 0) this.#watch?.push(fresh);
    // Who was once asked to hurry goes on so: what follows a back-channel may be no back-channel.
    this.#hurried ||= this.#deps.hurried();
    // In a pause the guess that was begun there is the one that counts: another would only be made of less. One that is begun just before
    // would keep it waiting, since a run cannot be interrupted.
    const wanted = this.#deps.interims && !this.#interim && !this.#speculation && (this.#hurried || !this.#watch?.silent);
    if (wanted && this.#pace.isDue(this.#audio.endUs, this.#hurried)) this.#startInterim();
  }

  /** The latest guess, once. */
  takeGuess(): Transcription | undefined {
    const guess = this.#guess;
    this.#guess = undefined;
    return guess;
  }

  /** @throws ServiceError of the backend */
  async final(): Promise<Transcription> {
    this.#interim?.abort(new ServiceError("CANCELLED", "the final is on its way"));
    await this.#watch?.settled();
    return (await this.#speculation?.result) ?? (await this.#transcribe({ interim: false, budgetMs: finalBudgetMs }));
  }

  close(): void {
    const reason = new ServiceError("CANCELLED", "the utterance is over");
    this.#interim?.abort(reason);
    this.#speculation?.controller.abort(reason);
    this.#watch?.close();
  }

  #startInterim(): void {
    const controller = new AbortController();
    this.#interim = controller;
    const { endUs } = this.#audio;
    const startMs = performance.now();
    this.#pace.began(endUs);
    void this.#transcribe({ interim: true, budgetMs: interimBudgetMs, signal: controller.signal })
      // An interim is a courtesy: what keeps it from coming is no failure.
      .catch(() => undefined)
      .then((result) => {
        this.#interim = undefined;
        // One that was called off says nothing about headroom.
        if (controller.signal.aborted) return;
        this.#pace.ended(result && performance.now() - startMs);
        if (result) this.#guessed(result, endUs);
      });
  }

  #speculate(): void {
    const controller = new AbortController();
    const { endUs } = this.#audio;
    // Interims have lower rank, but one that has not begun would only be older than this. Who hurries takes what comes first.
    if (!this.#hurried) this.#interim?.abort(new ServiceError("CANCELLED", "a better guess is on its way"));
    this.#guess = undefined;
    const result = this.#transcribe({ interim: false, budgetMs: finalBudgetMs, signal: controller.signal })
      .then((transcription) => {
        if (this.#deps.interims && !controller.signal.aborted) {
          this.#interim?.abort(new ServiceError("CANCELLED", "a better guess has come"));
          this.#guessed(transcription, endUs);
        }
        return transcription;
      })
      .catch(() => undefined);
    this.#speculation = { controller, result };
  }

  #discard(reason: string): void {
    this.#speculation?.controller.abort(new ServiceError("CANCELLED", reason));
    this.#speculation = undefined;
  }

  #guessed(guess: Transcription, endUs: number): void {
    if (endUs >= languageUs && guess.text !== "") this.#language ??= guess.language;
    this.#guess = guess;
    this.#deps.onGuess();
  }

  #transcribe(request: { readonly interim: boolean; readonly budgetMs: number; readonly signal?: AbortSignal }): Promise<Transcription> {
    const { backend, hotWords, signal } = this.#deps;
    return backend.transcribe(this.#audio.samples(), {
      interim: request.interim,
      deadlineMs: performance.now() + request.budgetMs,
      signal: request.signal ? AbortSignal.any([signal, request.signal]) : signal,
      ...(this.#language === undefined ? {} : { language: this.#language }),
      ...(hotWords.length > 0 ? { hotWords } : {}),
    });
  }
}
