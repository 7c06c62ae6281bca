/** How likely it is that somebody speaks in a stretch of sound. */
export interface SpeechWindow {
  /** From the start of the stream. */
  readonly ptsUs: number;
  readonly durationUs: number;
  /** 0..1 */
  readonly probability: number;
}
