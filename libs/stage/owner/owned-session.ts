import { create, toBinary } from "@bufbuild/protobuf";
import { edgeSubject } from "@troupe/bus";
import { ControlPacketSchema, type SessionContext, type SessionState, type StageOpen } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { OwnerState } from "@troupe/session";
import { edges, inputsOf, type StageName } from "../edges.ts";
import { type Binding, type BindingClientDeps, closeBinding, openBinding, sendBeat } from "./binding-client.ts";

export type StageSettings = Readonly<Record<StageName, StageOpen["settings"]>>;

/** Readers first, so that every writer finds its readers when it probes them. */
const openingOrder = ["compositor", "face", "tts", "llm", "asr"] as const satisfies readonly StageName[];
const notYet = 0xffff_ffff;

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
  #switching: Promise<void> = Promise.resolve();
  #settings: StageSettings;
  #closed = false;

  constructor(deps: OwnedSessionDeps, context: SessionContext, settings: StageSettings) {
    this.#deps = deps;
    this.context = context;
    this.#settings = settings;
    this.state = new OwnerState((state) => this.#publish(state));
  }

  /** Opens every stage, or none. */
  async open(): Promise<void> {
    try {
      for (const stage of openingOrder) this.#bindings.set(stage, await this.#openStage(stage, 1));
    } catch (thrown) {
      await this.close();
      throw thrown;
    }
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
   * @throws ServiceError NO_REPLICA when there is no other, or its refusal; the session stays where it is
   */
  async move(stage: StageName): Promise<Binding> {
    const old = this.#bindings.get(stage);
    if (!old) throw new ServiceError("NO_REPLICA", `${stage} is not bound`);
    const next = await this.#openStage(stage, notYet, new Set([old.replica]));
    const key = edges[inputsOf(stage)[0] ?? "prompt"].key;
    const through = key === "utterance" ? this.state.view.lastUtterance : this.state.view.lastResponse;
    this.#bindings.set(stage, next);
    this.#retiring.push({ binding: old, through });
    this.#switching = this.#switching.then(async () => {
      this.state.handOver(old.epoch, next.epoch, through);
      await Promise.all([this.#confirm(old), this.#confirm(next)]);
    });
    await this.#switching;
    return next;
  }

  /**
   * The replica is gone, or is let go at once: what it wrote is void, and the stage opens again for every later number.
   * @param elsewhere whether the replica of now is out of the question
   */
  async replace(stage: StageName, settings: StageOpen["settings"], elsewhere = false): Promise<Binding> {
    this.#settings = { ...this.#settings, [stage]: settings };
    const lost = this.#bindings.get(stage);
    this.#bindings.delete(stage);
    this.state.fence(stage, this.state.epoch + 1);
    const key = edges[inputsOf(stage)[0] ?? "prompt"].key;
    const from = (key === "utterance" ? this.state.view.lastUtterance : this.state.view.lastResponse) + 1;
    if (lost) void closeBinding(this.#deps, this.context, lost);
    const binding = await this.#openStage(stage, from, elsewhere && lost ? new Set([lost.replica]) : undefined);
    if (this.#closed) await closeBinding(this.#deps, this.context, binding);
    this.#bindings.set(stage, binding);
    return binding;
  }

  /** A response or utterance is over: bindings that waited for it are let go. */
  finished(key: "utterance" | "response", number: number): void {
    for (const entry of [...this.#retiring]) {
      if (edges[inputsOf(entry.binding.stage)[0] ?? "prompt"].key !== key || entry.through > number) continue;
      this.#retiring.splice(this.#retiring.indexOf(entry), 1);
      void closeBinding(this.#deps, this.context, entry.binding);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const bindings = this.bindings();
    this.#bindings.clear();
    this.#retiring.length = 0;
    await Promise.all(bindings.map((binding) => closeBinding(this.#deps, this.context, binding)));
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
    await sendBeat(this.#deps, binding.replica, this.#deps.owner, sessions, true).catch(() => undefined);
  }

  #publish(state: SessionState): void {
    if (this.#closed) return;
    const packet = create(ControlPacketSchema, { epoch: this.state.epoch, state });
    this.#deps.bus.publish(edgeSubject(this.context, "control"), toBinary(ControlPacketSchema, packet));
  }
}
