import { create, toBinary } from "@bufbuild/protobuf";
import { type Bus, edgeSubject } from "@troupe/bus";
import { ControlPacketSchema } from "@troupe/contracts";
import { OwnerState } from "@troupe/session";
import { type FaultPlan, faultyBus, until } from "@troupe/testkit";
import fc from "fast-check";
import { requestResend } from "../adapter/bus-transport.ts";
import { sendBeat } from "../owner/binding-client.ts";
import { decodePacket } from "../packet.ts";
import { echoStage, Turnstile } from "./echo-stage.ts";
import { contextOf, grants, type MemoryRig, openAlone, PromptingOwner, readIdly, site, startReplica } from "./rig.ts";

export type Action =
  | { readonly kind: "respond"; readonly speculative: boolean; readonly count: number }
  | { readonly kind: "cancel-only" | "cancel-through" | "let-one" | "ask-again"; readonly pick: number }
  | { readonly kind: "beat" }
  | { readonly kind: "tick" }
  | { readonly kind: "turn" };

type Fate = ReturnType<FaultPlan["fate"]>;

const pick = fc.nat({ max: 30 });
export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("respond" as const), speculative: fc.boolean(), count: fc.nat({ max: 5 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel-only" as const), pick }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel-through" as const), pick }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("ask-again" as const), pick }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("let-one" as const), pick }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom("beat" as const, "tick" as const, "turn" as const) }) },
  ),
  { minLength: 5, maxLength: 40 },
);
/** What happens to the first messages on the edges; later ones arrive. */
export const fates: fc.Arbitrary<Fate[]> = fc.array(fc.constantFrom<Fate[]>("deliver", "deliver", "lose", "duplicate", "delay"), {
  maxLength: 80,
});

export interface Outcome {
  /** Packets that the replica wrote of responses whose cancel it had merged before. */
  readonly tooLate: string[];
  /** Cancelled by the owner, but not known as cancelled to the replica in the end. */
  readonly unknownCancels: number[];
  readonly owner: PromptingOwner;
  readonly lines: ReadonlyMap<number, string>;
  readonly isCancelled: (number: number) => boolean;
}

/** As many as a writer keeps after their end, so that whatever was lost can be asked for. */
const maxResponses = 8;

export const turn = () => new Promise((resolve) => setImmediate(resolve));

interface Played {
  respond(number: number, line: string): void;
  beat(): unknown;
  tick(): unknown;
  /** A reader that knows of no cancel wants the whole response again. */
  askAgain(number: number): void;
}

/** Turns actions into numbers, cancels and whatever else they stand for. */
export function playOn(state: OwnerState, turnstile: Turnstile, { respond, beat, tick, askAgain }: Played): (action: Action) => unknown {
  const numbered = (at: number) => 1 + (at % state.view.lastResponse);
  return (action) => {
    switch (action.kind) {
      case "respond": {
        if (state.view.lastResponse >= maxResponses) return;
        const number = state.nextResponse({ speculative: action.speculative });
        return respond(number, `${action.count} word${number}`);
      }
      case "cancel-only":
        return state.view.lastResponse > 0 && state.cancelOnly(numbered(action.pick));
      case "cancel-through":
        return state.view.lastResponse > 0 && state.cancelThrough(Math.ceil(numbered(action.pick) / 2));
      case "ask-again":
        return state.view.lastResponse > 0 && askAgain(numbered(action.pick));
      case "let-one":
        return turnstile.letOne(action.pick);
      case "beat":
        return beat();
      case "tick":
        return tick();
      case "turn":
        return turn();
    }
  };
}

/** Calls `onPublish` before what is published leaves. */
function tapped(bus: Bus, onPublish: (subject: string, data: Uint8Array) => void): Bus {
  return new Proxy(bus, {
    get(target, property) {
      const value = Reflect.get(target, property, target) as unknown;
      if (property !== "publish") return typeof value === "function" ? value.bind(target) : value;
      const publish: Bus["publish"] = (subject, data, options) => {
        onPublish(subject, data);
        target.publish(subject, data, options);
      };
      return publish;
    },
  });
}

/** Plays the actions against a replica over a bus that treats messages of the session as `fated`; then lets everything finish. */
export async function playCancels(
  rig: Omit<MemoryRig, "broker"> & { readonly replicaBus: Bus },
  played: readonly Action[],
  fated: readonly Fate[],
): Promise<Outcome> {
  const { clock, registry } = rig;
  const context = contextOf(crypto.randomUUID());
  const plan: FaultPlan = { applies: (subject) => subject.includes(context.session), fate: (_, index) => fated[index] ?? "deliver" };
  const merged = new Set<number>();
  const tooLate: string[] = [];
  const lines = new Map<number, string>();
  const turnstile = new Turnstile();
  const stage = echoStage({
    pace: turnstile.pass,
    onMerged: ({ state }) => {
      for (const number of lines.keys()) if (state.isCancelled(number)) merged.add(number);
    },
  });
  const replicaBus = tapped(faultyBus(rig.replicaBus, plan), (subject, data) => {
    if (subject !== edgeSubject(context, "reply") || data.length === 0) return;
    const { number, seq } = decodePacket("reply", data);
    if (merged.has(number)) tooLate.push(`${number}/${seq}`);
  });
  const replica = `llm-${context.session.slice(0, 8)}`;
  const served = startReplica({ clock, bus: replicaBus }, stage, { replica });

  const bus = faultyBus(rig.bus, plan);
  const state = new OwnerState((snapshot) => {
    const packet = create(ControlPacketSchema, { epoch: state.epoch, state: snapshot });
    bus.publish(edgeSubject(context, "control"), toBinary(ControlPacketSchema, packet));
  });
  const owner = new PromptingOwner(bus, context, clock, state);
  const idle = readIdly(rig.bus, context, "reply");
  const onlyThis = { ...registry, candidates: () => registry.candidates("llm").filter((candidate) => candidate.replica === replica) };
  const { epoch } = await openAlone({ bus: rig.bus, clock, registry: onlyThis }, owner, context, "llm");

  const beat = async () => {
    const { tenant, session } = context;
    const named = [{ tenant, session, epoch, state: state.view.snapshot() }];
    await sendBeat({ bus: rig.bus, site, grants, registry }, replica, context.owner, named);
  };
  let ticks = 0;
  const tick = async () => {
    if (++ticks % 5 === 0) await beat();
    await clock.advance(100);
    owner.tick();
  };
  const play = playOn(state, turnstile, {
    respond(number, line) {
      lines.set(number, line);
      owner.prompt(number, line);
    },
    beat,
    tick,
    askAgain: (number) => void requestResend(rig.bus, context, "reply", number, 0).catch(() => undefined),
  });
  for (const action of played) await play(action);
  turnstile.openWide();
  await beat();
  const isCancelled = (number: number) => state.view.isCancelled(number);
  const numbers = [...lines.keys()].filter((number) => !isCancelled(number));
  // The replica asks for lost prompts first; then the owner for replies of which nothing came.
  for (let second = 0; second < 10; second++) await tick();
  for (const number of numbers) owner.expect(number);
  await until("every response is over", () => numbers.every((number) => owner.outcome(number) !== "open"), tick);
  const unknownCancels = [...lines.keys()].filter((number) => isCancelled(number) && !merged.has(number));
  await served[Symbol.asyncDispose]();
  idle.close();
  owner.close();
  await until(
    "the owner's readers have ended",
    () => [...owner.answers.values()].every(({ outcome }) => outcome !== "open"),
    () => owner.tick(),
  );
  return { tooLate, unknownCancels, owner, lines, isCancelled };
}
