import type { Playback } from "@troupe/contracts";

/** How far the person has heard, as their client reports it. Without reports, what left the presenter counts as heard. */
export class PlaybackPosition {
  #positionUs: number | undefined;
  readonly #silenced = new Map<number, number>();

  /** @returns response whose end for the person is fixed by it; undefined: none */
  report({ positionUs, silenced }: Playback): number | undefined {
    this.#positionUs = Math.max(this.#positionUs ?? 0, Number(positionUs));
    if (!silenced) return undefined;
    this.#silenced.set(silenced.response, Number(silenced.atUs));
    // Only the last few can still be asked about.
    for (const response of this.#silenced.keys()) if (response < silenced.response - 16) this.#silenced.delete(response);
    return silenced.response;
  }

  /** Whether the client reports at all. */
  get reporting(): boolean {
    return this.#positionUs !== undefined;
  }

  /** Newest position, on the session scale; 0: unknown. */
  get positionUs(): number {
    return this.#positionUs ?? 0;
  }

  /** Where the response fell silent for the person, on the session scale. */
  silencedUs(response: number): number | undefined {
    return this.#silenced.get(response);
  }

  /** It sounds again. */
  resumed(response: number): void {
    this.#silenced.delete(response);
  }
}
