import type { Clock } from "@troupe/timeline";
import type { TurnEvent, TurnState } from "../turn-taking/index.ts";
import type { PlaybackPosition } from "./playback-position.ts";

export interface AttendanceDeps {
  readonly clock: Clock;
  readonly playback: PlaybackPosition;
  readonly turn: () => TurnState;
  readonly dispatch: (event: TurnEvent) => void;
}

/** After a return the client tells how far the person has heard; a silent one is not waited for longer. */
const returnReportMs = 200;
/** Clients report several times a second while something sounds: one that did and does not any more is out of reach. */
const reportSilenceMs = 1500;

/** Whether somebody is there to listen: what is being said waits while nobody is. */
export class Attendance {
  readonly #deps: AttendanceDeps;
  /** Lets what waits for a client that has come back go on. */
  #goOn: (() => void) | undefined;
  /** The client has fallen silent though its connection stands: what is being said waits for its next report. */
  #unheard = false;
  #cancelWait: () => void = () => undefined;

  constructor(deps: AttendanceDeps) {
    this.#deps = deps;
  }

  /** No client is attached any more. */
  left(): void {
    this.#goOn = undefined;
    this.#unheard = false;
    this.#cancelWait();
    this.#deps.dispatch({ kind: "left" });
  }

  /** A client is attached again: what waited goes on once it has told how far the person has heard, or soon after. */
  returned(): void {
    const { clock, turn, dispatch } = this.#deps;
    if (!turn().absent || this.#goOn) return;
    const cancel = clock.setTimer(returnReportMs, () => this.#goOn?.());
    this.#goOn = () => {
      cancel();
      this.#goOn = undefined;
      dispatch({ kind: "returned" });
      this.expectReport();
    };
  }

  /** The client has told how far the person has heard. */
  reported(): void {
    this.#goOn?.();
    if (this.#unheard) this.#deps.dispatch({ kind: "returned" });
    this.#unheard = false;
    this.expectReport();
  }

  /** Something sounds: the client is to report soon. A connection can be dead for long before anybody notices. */
  expectReport(): void {
    const { clock, playback, turn, dispatch } = this.#deps;
    this.#cancelWait();
    if (!playback.reporting) return;
    this.#cancelWait = clock.setTimer(reportSilenceMs, () => {
      const { turn: phase, absent } = turn();
      if (absent || phase.phase !== "answering" || !phase.started) return;
      this.#unheard = true;
      dispatch({ kind: "left" });
    });
  }

  close(): void {
    this.#cancelWait();
    this.#goOn = undefined;
  }
}
