import { clone, create } from "@bufbuild/protobuf";
import { type Hold, type OutputSettings, type SessionState, SessionStateSchema } from "@troupe/contracts";

/**
 * What a stage knows of its session's state. Merging is commutative, associative and idempotent: numbers by maximum, sets by union,
 * the hold by its revision. So lost, doubled and late messages do no harm.
 */
export class StateView {
  readonly #cancelled = new Set<number>();
  readonly #committed = new Set<number>();
  readonly #fences = new Map<string, number>();
  readonly #serveThrough = new Map<number, number>();
  readonly #serveFrom = new Map<number, number>();
  #cancelledThrough = 0;
  #committedThrough = 0;
  #lastResponse = 0;
  #lastUtterance = 0;
  #hold: Hold | undefined;
  #output: OutputSettings | undefined;
  #heardThrough = 0;

  constructor(initial?: SessionState) {
    if (initial) this.merge(initial);
  }

  merge(state: SessionState): void {
    this.#cancelledThrough = Math.max(this.#cancelledThrough, state.cancel?.through ?? 0);
    for (const number of state.cancel?.only ?? []) this.#cancelled.add(number);
    this.#committedThrough = Math.max(this.#committedThrough, state.committedThrough);
    for (const number of state.committedOnly) this.#committed.add(number);
    prune(this.#cancelled, this.#cancelledThrough);
    prune(this.#committed, this.#committedThrough);
    this.#lastResponse = Math.max(this.#lastResponse, state.lastResponse);
    this.#lastUtterance = Math.max(this.#lastUtterance, state.lastUtterance);
    for (const [stage, epoch] of Object.entries(state.fences)) this.#fences.set(stage, Math.max(this.fence(stage), epoch));
    // Both limits are set once for each epoch and never change.
    for (const [epoch, from] of Object.entries(state.serveFrom)) this.#serveFrom.set(Number(epoch), from);
    for (const [epoch, through] of Object.entries(state.serveThrough)) this.#serveThrough.set(Number(epoch), through);
    if (state.hold && state.hold.revision > (this.#hold?.revision ?? 0)) this.#hold = state.hold;
    if (state.output && state.output.revision > (this.#output?.revision ?? 0)) this.#output = state.output;
    this.#heardThrough = Math.max(this.#heardThrough, state.heardThrough);
  }

  isCancelled(response: number): boolean {
    return response <= this.#cancelledThrough || this.#cancelled.has(response);
  }

  isCommitted(response: number): boolean {
    return response <= this.#committedThrough || this.#committed.has(response);
  }

  isHeld(response: number): boolean {
    return this.#hold?.held === true && this.#hold.response === response;
  }

  /** Where the person heard the last of a response that goes on, on the session scale; 0: where the presenter stopped. */
  heardUs(response: number): number {
    return this.#hold?.response === response ? Number(this.#hold.heardUs) : 0;
  }

  /** The form of picture and sound; undefined: as the settings say. */
  get output(): OutputSettings | undefined {
    return this.#output;
  }

  get lastResponse(): number {
    return this.#lastResponse;
  }

  get lastUtterance(): number {
    return this.#lastUtterance;
  }

  /** Whether the person speaks. */
  get listening(): boolean {
    return this.#lastUtterance > this.#heardThrough;
  }

  /** Lowest epoch whose messages are still taken from the stage; 0 when none was fenced off. */
  fence(stage: string): number {
    return this.#fences.get(stage) ?? 0;
  }

  /** Highest number that the binding of that epoch serves; Infinity while it is the current one. */
  serveThrough(epoch: number): number {
    return this.#serveThrough.get(epoch) ?? Number.POSITIVE_INFINITY;
  }

  /** Lowest number that the binding of that epoch serves; undefined while only its opening says so. */
  serveFrom(epoch: number): number | undefined {
    return this.#serveFrom.get(epoch);
  }

  snapshot(): SessionState {
    const state = create(SessionStateSchema, {
      cancel: { through: this.#cancelledThrough, only: [...this.#cancelled].sort((a, b) => a - b) },
      committedThrough: this.#committedThrough,
      committedOnly: [...this.#committed].sort((a, b) => a - b),
      lastResponse: this.#lastResponse,
      lastUtterance: this.#lastUtterance,
      fences: Object.fromEntries(this.#fences),
      serveThrough: Object.fromEntries(this.#serveThrough),
      serveFrom: Object.fromEntries(this.#serveFrom),
      heardThrough: this.#heardThrough,
    });
    if (this.#hold) state.hold = this.#hold;
    if (this.#output) state.output = this.#output;
    return clone(SessionStateSchema, state);
  }
}

function prune(numbers: Set<number>, through: number): void {
  for (const number of numbers) if (number <= through) numbers.delete(number);
}
