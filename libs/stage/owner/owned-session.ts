import { create, toBinary } from "@bufbuild/protobuf";
import { edgeSubject } from "@troupe/bus";
import { ControlPacketSchema, type SessionContext, type SessionState, type StageOpen } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { OwnerState } from "@troupe/session";
import { edges, inputsOf, type StageName, stageNames } from "../edges.ts";
import { type Binding, type BindingClientDeps, candidatesFor, closeBinding, openBinding, sendBeat } from "./binding-client.ts";
import { FinishedNumbers } from "./finished-numbers.ts";

export type StageSettings = Readonly<Record<StageName, StageOpen["settings"]>>;

/** Readers first, so that every writer finds its readers when it probes them. */
const openingOrder = ["compositor", "face", "tts", "llm", "asr"] as const satisfies readonly StageName[];
const confirmTries = 3;
const notYet = 0xffff_ffff;

const numberedBy = (stage: StageName) => (edges[inputsOf(stage)[0] ?? "prompt"].key === "utterance" ? "utterance" : "response");

export interface OwnedSessionDeps extends BindingClientDeps {
  readonly owner: string;
}

/** A session as its owner keeps it: the state it decides and the replicas that serve it. */
export class OwnedSession {
  readonly context: SessionContext;
  readonly state: OwnerState;
  readonly #deps: OwnedSessionDeps;
  readonly #bindings = new Map<StageName, Binding>();
  /** Bindings that only finish what they have begun, and the last number that is theirs. */
  readonly #retiring: { readonly binding: Binding; readonly through: number }[] = [];
  readonly #finished = { utterance: new FinishedNumbers(), response: new FinishedNumbers() };
  /** The lowest number nobody serves, of each stage that was let go and is not open again. */
  readonly #unserved = new Map<StageName, number>();
  #switching: Promise<void> = Promise.resolve();
  #settings: StageSettings;
  #closed = false;

  /** @param adopted what the owner before had decided, whose bindings are void from now on */
  constructor(
    deps: OwnedSessionDeps,
    context: SessionContext,
    settings: StageSettings,
    adopted?: { readonly state: SessionState; readonly epoch: number },
  ) {
    this.#deps = deps;
    this.context = context;
    this.#settings = settings;
    this.state = new OwnerState((state) => this.#publish(state), adopted);
    if (adopted) for (const stage of stageNames) this.state.fence(stage, adopted.epoch + 1);
  }

  /** Opens every stage, or none. */
  async open(): Promise<void> {
    try {
      for (const stage of openingOrder) {
        const binding = await this.#openStage(stage, this.#lastNumber(stage) + 1);
        this.#bindings.set(stage, binding);
        if (this.#closed) throw new ServiceError("CANCELLED", "the session was closed while it opened");
      }
    } catch (thrown) {
      await this.close();
      throw thrown;
    }
  }

  /** Lets go of bindings of the owner before this one. */
  async release(bindings: readonly { readonly stage: string; readonly replica: string; readonly epoch: number }[]): Promise<void> {
    const known = bindings.filter(({ stage }) => stageNames.some((name) => name === stage)) as readonly Omit<Binding, "boot">[];
    await Promise.all(known.map((binding) => closeBinding(this.#deps, this.context, { ...binding, boot: "" })));
  }

  bindings(): readonly Binding[] {
    return [...this.#bindings.values(), ...this.#retiring.map((entry) => entry.binding)];
  }

  binding(stage: StageName): Binding | undefined {
    return this.#bindings.get(stage);
  }

  settings(stage: StageName): StageOpen["settings"] {
    return this.#settings[stage];
  }

  /** Resolves when no stage is being handed over; new numbers are used only then. */
  settled(): Promise<void> {
    return this.#switching;
  }

  /**
   * Make before break: the stage opens at another replica; numbers begun before stay with the old one, which is let go when they
   * are finished. Both have confirmed the border before a new number is used.
   * @throws ServiceError NO_REPLICA when there is no other, or its refusal; the session stays where it is. STAGE_LOST when it was
   * closed or replaced meanwhile
   */
  async move(stage: StageName): Promise<Binding> {
    const old = this.#bindings.get(stage);
    if (!old) throw new ServiceError("NO_REPLICA", `${stage} is not bound`);
    const next = await this.#openStage(stage, notYet, new Set([old.replica]));
    if (this.#closed || this.#bindings.get(stage) !== old) {
      await closeBinding(this.#deps, this.context, next);
      throw new ServiceError("STAGE_LOST", `${stage} was let go while it moved`, { metadata: { stage } });
    }
    const through = this.#lastNumber(stage);
    this.#bindings.set(stage, next);
    this.#retiring.push({ binding: old, through });
    this.state.handOver(old.epoch, next.epoch, through);
    this.#switching = this.#switching.then(async () => {
      // A replica that cannot confirm may not know the border: what it writes from now on is void.
      const border = this.#confirm(old).catch(() => this.state.fence(stage, next.epoch));
      await Promise.all([border, this.#confirm(next).catch(() => undefined)]);
    });
    await this.#switching;
    this.#letGo();
    return next;
  }

  /**
   * The replica is gone, or is let go at once: what it wrote is void, and the stage opens again for every later number. Called again
   * after a failure, it opens for the numbers begun meanwhile too.
   * @throws ServiceError NO_REPLICA, a refusal, or STAGE_LOST when the session was closed or the stage replaced again meanwhile
   * @param elsewhere whether the replica of now is out of the question; it is kept when there is no other
   */
  async replace(stage: StageName, settings: StageOpen["settings"], elsewhere = false): Promise<Binding> {
    const lost = this.#bindings.get(stage);
    const without = elsewhere && lost ? new Set([lost.replica]) : undefined;
    if (without && candidatesFor(this.#deps, this.context, stage, without).length === 0)
      throw new ServiceError("NO_REPLICA", `no other ${stage} replica takes sessions`, { retryAfterMs: 1000, metadata: { stage } });
    this.#settings = { ...this.#settings, [stage]: settings };
    this.#bindings.delete(stage);
    this.state.fence(stage, this.state.epoch + 1);
    const from = this.#unserved.get(stage) ?? this.#lastNumber(stage) + 1;
    this.#unserved.set(stage, from);
    if (lost) void closeBinding(this.#deps, this.context, lost);
    this.#letGo(stage);
    const binding = await this.#openStage(stage, from, without);
    // Of two that overlap the later one stands: it has fenced the other off.
    const overtaken = this.state.view.fence(stage) > binding.epoch;
    if (this.#closed || overtaken) {
      await closeBinding(this.#deps, this.context, binding);
      throw new ServiceError("STAGE_LOST", `${stage} was let go while it opened`, { metadata: { stage } });
    }
    this.#unserved.delete(stage);
    this.#bindings.set(stage, binding);
    return binding;
  }

  /** A response or utterance is over: bindings that waited for it are let go. */
  finished(key: "utterance" | "response", number: number): void {
    // Utterances follow one another, and what is typed has no end of its own; responses may end in any order.
    if (key === "utterance") this.#finished[key].addThrough(number);
    else this.#finished[key].add(number);
    this.#letGo();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const bindings = this.bindings();
    this.#bindings.clear();
    this.#retiring.length = 0;
    await Promise.all(bindings.map((binding) => closeBinding(this.#deps, this.context, binding)));
  }

  /** Closes the bindings that have finished what they had begun, or whose stage was replaced, so that what they write is void. */
  #letGo(replaced?: StageName): void {
    for (const entry of [...this.#retiring]) {
      const { stage } = entry.binding;
      if (stage !== replaced && this.#finished[numberedBy(stage)].through < entry.through) continue;
      this.#retiring.splice(this.#retiring.indexOf(entry), 1);
      void closeBinding(this.#deps, this.context, entry.binding);
    }
  }

  #lastNumber(stage: StageName): number {
    return numberedBy(stage) === "utterance" ? this.state.view.lastUtterance : this.state.view.lastResponse;
  }

  #openStage(stage: StageName, fromNumber: number, without?: ReadonlySet<string>): Promise<Binding> {
    const { context } = this;
    const epoch = this.state.nextEpoch();
    const wanted = { context, stage, settings: this.#settings[stage], epoch, fromNumber, state: this.state.view.snapshot() };
    return openBinding(this.#deps, without ? { ...wanted, without } : wanted);
  }

  async #confirm(binding: Binding): Promise<void> {
    const { tenant, session } = this.context;
    const sessions = [{ tenant, session, epoch: binding.epoch, state: this.state.view.snapshot() }];
    for (let tries = 1; ; tries++) {
      try {
        return void (await sendBeat(this.#deps, binding.replica, this.#deps.owner, sessions, true));
      } catch (thrown) {
        if (tries === confirmTries) throw thrown;
      }
    }
  }

  #publish(state: SessionState): void {
    if (this.#closed) return;
    const packet = create(ControlPacketSchema, { epoch: this.state.epoch, state });
    this.#deps.bus.publish(edgeSubject(this.context, "control"), toBinary(ControlPacketSchema, packet));
  }
}
