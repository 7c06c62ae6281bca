/** A session of this gateway, from its admission to its end. */
export interface Seat {
  readonly tenant: string;
  /** `namespace/name`; empty: none. */
  readonly pipeline: string;
  /** The session is over, or was not opened after all. Idempotent. */
  leave(): void;
}

/** Sessions of one tenant and pipeline. */
export interface SeatCount {
  readonly tenant: string;
  readonly pipeline: string;
  readonly sessions: number;
}

/** Who has the sessions of this gateway, those that are being opened included. */
export class Seats {
  readonly #seats = new Set<Seat>();
  readonly #onChange: () => void;

  constructor(onChange: () => void = () => undefined) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#seats.size;
  }

  take(tenant: string, pipeline: string): Seat {
    const seat: Seat = { tenant, pipeline, leave: () => this.#seats.delete(seat) && this.#onChange() };
    this.#seats.add(seat);
    this.#onChange();
    return seat;
  }

  of(tenant: string, pipeline: string): number {
    return [...this.#seats].filter((seat) => seat.tenant === tenant && seat.pipeline === pipeline).length;
  }

  counts(): readonly SeatCount[] {
    return [...Map.groupBy(this.#seats, keyOf).values()].map((seats) => {
      const { tenant, pipeline } = seats[0] as Seat;
      return { tenant, pipeline, sessions: seats.length };
    });
  }
}

/** Neither holds a space. */
const keyOf = ({ tenant, pipeline }: Pick<Seat, "tenant" | "pipeline">): string => `${tenant} ${pipeline}`;
