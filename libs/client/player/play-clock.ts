/** Where the sound stood when a block of it was rendered. */
export interface PlayReport {
  /** Start of the block, on the AudioContext's clock. */
  readonly contextS: number;
  /** Of its first sample, on the session scale. */
  readonly positionUs: number;
  /** Session time per context time within the block; 0 where nothing sounds. */
  readonly rate: number;
}

/** Reports kept: far more than lies between rendering and the speaker. */
const maxReports = 256;

/** What leaves the speaker at a moment, on the session scale: what was rendered for the context time that sounds then. */
export class PlayClock {
  #reports: PlayReport[] = [];
  #contextS = 0;
  #atMs = 0;

  /** A block was rendered. Reports come in order. */
  rendered(report: PlayReport): void {
    this.#reports.push(report);
    if (this.#reports.length > maxReports) this.#reports = this.#reports.slice(-maxReports / 2);
  }

  /** `contextS` leaves the speaker at `atMs` of the wall clock (AudioContext.getOutputTimestamp). */
  anchor(contextS: number, atMs: number): void {
    this.#contextS = contextS;
    this.#atMs = atMs;
  }

  /** Nothing before the first report. */
  positionUs(atMs: number): number | undefined {
    const contextS = this.#contextS + (atMs - this.#atMs) / 1000;
    for (let n = this.#reports.length - 1; n >= 0; n--) {
      const report = this.#reports[n] as PlayReport;
      if (report.contextS > contextS && n > 0) continue;
      const reached = report.positionUs + Math.max(0, contextS - report.contextS) * 1e6 * report.rate;
      const next = this.#reports[n + 1];
      return next ? Math.min(reached, Math.max(next.positionUs, report.positionUs)) : reached;
    }
    return undefined;
  }

  /** The moment at which what was rendered for `contextS` leaves the speaker. */
  speakerMs(contextS: number): number {
    return this.#atMs + (contextS - this.#contextS) * 1000;
  }
}
