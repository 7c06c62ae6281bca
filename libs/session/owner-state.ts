import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type OutputSettings, OutputSettingsSchema, type SessionState, SessionStateSchema } from "@troupe/contracts";
import { StateView } from "./state-view.ts";

/** The one writer of a session's state: hands out numbers and epochs, and decides. Every change calls `onChange` with the whole state. */
export class OwnerState {
  readonly view = new StateView();
  readonly #onChange: (state: SessionState) => void;
  #epoch = 0;
  #holdRevision = 0;
  /** Every response up to it is committed or cancelled. */
  #decidedThrough = 0;
  /** Every response up to it is over. */
  #overThrough = 0;
  readonly #over = new Set<number>();

  /** @param adopted what an owner before this one had decided: none of its responses goes on, and numbers and epochs only rise */
  constructor(onChange: (state: SessionState) => void, adopted?: { readonly state: SessionState; readonly epoch: number }) {
    this.#onChange = onChange;
    if (!adopted) return;
    this.view.merge(adopted.state);
    this.#epoch = adopted.epoch;
    this.#holdRevision = adopted.state.hold?.revision ?? 0;
    const { lastResponse, lastUtterance } = this.view;
    this.#overThrough = lastResponse;
    this.#decidedThrough = lastResponse;
    this.view.merge(create(SessionStateSchema, { cancel: { through: lastResponse }, heardThrough: lastUtterance }));
  }

  /** A new epoch for a binding; epochs of a session only rise. */
  nextEpoch(): number {
    return ++this.#epoch;
  }

  get epoch(): number {
    return this.#epoch;
  }

  nextUtterance(): number {
    const number = this.view.lastUtterance + 1;
    this.#change({ lastUtterance: number });
    return number;
  }

  /** A new response; a speculative one is not presented before `commit`. */
  nextResponse(options: { readonly speculative?: boolean } = {}): number {
    const number = this.view.lastResponse + 1;
    this.#change({ lastResponse: number, committedOnly: options.speculative ? [] : [number] });
    return number;
  }

  commit(response: number): void {
    this.#change({ committedOnly: [response] });
  }

  cancelThrough(response: number): void {
    this.#change({ cancel: { through: response } });
  }

  cancelOnly(response: number): void {
    this.#change({ cancel: { only: [response] } });
  }

  /**
   * Nobody works on the response or presents it any more, however it ended. Once all before it are over or cancelled too, they need
   * not be named one by one: they count as cancelled.
   */
  over(response: number): void {
    this.#over.add(response);
    const through = this.#through(this.#overThrough, (number) => this.#over.has(number) || this.view.isCancelled(number));
    if (through === this.#overThrough) return;
    this.#overThrough = through;
    for (const number of this.#over) if (number <= through) this.#over.delete(number);
    this.cancelThrough(through);
  }

  hold(response: number): void {
    this.#change({ hold: { revision: ++this.#holdRevision, response, held: true } });
  }

  /** @param heardUs where the person heard the last of it, on the session scale; 0: where the presenter stopped */
  release(response: number, heardUs = 0): void {
    this.#change({ hold: { revision: ++this.#holdRevision, response, held: false, heardUs: BigInt(Math.round(heardUs)) } });
  }

  /** Another form of picture and sound from now on. */
  setOutput(output: Omit<OutputSettings, "revision" | "$typeName">): OutputSettings {
    const next = create(OutputSettingsSchema, { ...output, revision: (this.view.output?.revision ?? 0) + 1 });
    this.#change({ output: next });
    return next;
  }

  /** Everything the stage writes with a lower epoch is void from now on. */
  fence(stage: string, epoch: number): void {
    this.#change({ fences: { [stage]: epoch } });
  }

  /** Numbers above `through` go from one binding of a stage to the next. */
  handOver(fromEpoch: number, toEpoch: number, through: number): void {
    this.#change({ serveThrough: { [fromEpoch]: through }, serveFrom: { [toEpoch]: through + 1 } });
  }

  /** The speech of an utterance is over, or it was typed. */
  endUtterance(utterance: number): void {
    this.#change({ heardThrough: utterance });
  }

  /** The highest response up to which it is so of all. */
  #through(from: number, isSo: (response: number) => boolean): number {
    let through = from;
    while (through < this.view.lastResponse && isSo(through + 1)) through++;
    return through;
  }

  #change(change: MessageInitShape<typeof SessionStateSchema>): void {
    this.view.merge(create(SessionStateSchema, change));
    this.#decidedThrough = this.#through(this.#decidedThrough, (number) => this.view.isCommitted(number) || this.view.isCancelled(number));
    this.view.merge(create(SessionStateSchema, { committedThrough: this.#decidedThrough }));
    this.#onChange(this.view.snapshot());
  }
}
