import { create } from "@bufbuild/protobuf";
import { type Bus, createMemoryBroker, type MemoryBroker, type SessionAddress, type Subscription } from "@troupe/bus";
import { PromptHeaderSchema, type SessionContext, SessionContextSchema, type StageOpen } from "@troupe/contracts";
import { createGrants, type Grants, type OwnerState } from "@troupe/session";
import { createManualClock, type ManualClock, until } from "@troupe/testkit";
import { Registry as MetricsRegistry } from "prom-client";
import { onTestFinished } from "vitest";
import { busTransport, readEdge, serveResend } from "../adapter/bus-transport.ts";
import { EdgeReader } from "../adapter/edge-reader.ts";
import { EdgeWriter } from "../adapter/edge-writer.ts";
import { type Replica, type ReplicaOptions, serveStage } from "../adapter/replica.ts";
import type { EdgeBody, StageName, StreamEdge } from "../edges.ts";
import { createStageMetrics } from "../metrics.ts";
import { type Binding, openBinding } from "../owner/binding-client.ts";
import type { StageSettings } from "../owner/owned-session.ts";
import { createRegistry, type Registry } from "../owner/registry.ts";
import type { Logger, Stage } from "../stage.ts";

export const site = "local";
export const grants: Grants = createGrants(new Uint8Array(32).fill(7));
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
export const metrics = createStageMetrics(new MetricsRegistry());

export const settings: StageSettings = {
  asr: { case: undefined },
  llm: { case: undefined },
  tts: { case: undefined },
  face: { case: undefined },
  compositor: { case: undefined },
} as const satisfies Record<StageName, StageOpen["settings"]>;

export const contextOf = (session: string): SessionContext =>
  create(SessionContextSchema, { site, tenant: "acme", session, owner: "gateway-1", avatar: "mara", seed: 1 });

export interface MemoryRig {
  readonly clock: ManualClock;
  readonly broker: MemoryBroker;
  /** The owner's connection. */
  readonly bus: Bus;
  readonly registry: Registry;
}

/** A bus in memory on a clock that stands still, and an owner's view of the replicas on it. */
export function memoryRig(): MemoryRig {
  const clock = createManualClock();
  const broker = createMemoryBroker(() => clock.nowMs());
  const bus = broker.connect();
  const registry = createRegistry(bus, site, clock);
  return { clock, broker, bus, registry };
}

/** Starts a replica; it is stopped with the test. */
export function startReplica(
  rig: Pick<MemoryRig, "clock"> & { readonly bus: Bus; readonly controlBus?: Bus },
  stage: Stage,
  options: Partial<ReplicaOptions> = {},
): Replica {
  const { clock, bus, controlBus = bus } = rig;
  return serveStage(
    { bus, controlBus, stage, grants, clock, logger: silentLogger, metrics },
    { site, replica: `${stage.name}-1`, models: ["echo"], languages: [], maxSessions: 8, address: "", ...options },
  );
}

/** Stops what has a lifetime when the test is over. */
export function untilTestEnds<T extends AsyncDisposable | Disposable>(thing: T): T {
  onTestFinished(async () => {
    if (Symbol.asyncDispose in thing) await thing[Symbol.asyncDispose]();
    else thing[Symbol.dispose]();
  });
  return thing;
}

/** What came of one response. */
export interface Answer {
  readonly bodies: EdgeBody<"reply">[];
  /** "open" until its end or failure. */
  outcome: string;
}

/** The gateway's ends of the edges of an llm: prompts out, replies in. */
export class PromptingOwner {
  readonly state: OwnerState;
  readonly answers = new Map<number, Answer>();
  /** Of each reply's writer. */
  readonly epochs = new Map<number, number>();
  readonly #writer: EdgeWriter<"prompt">;
  readonly #reader: EdgeReader<"reply">;
  readonly #subscriptions: Subscription[];

  constructor(bus: Bus, address: SessionAddress, clock: ManualClock, state: OwnerState) {
    this.state = state;
    const transport = busTransport(bus, address);
    this.#writer = new EdgeWriter({
      edge: "prompt",
      epoch: state.nextEpoch(),
      state: state.view,
      send: (packet, headers) => transport.send("prompt", packet, headers),
    });
    this.#reader = new EdgeReader({
      edge: "reply",
      clock,
      state: state.view,
      serves: () => true,
      resend: (number, fromSeq) => transport.resend?.("reply", number, fromSeq) ?? Promise.reject(new Error("no resend")),
      onStream: (stream) => {
        const answer: Answer = { bodies: [], outcome: "open" };
        this.answers.set(stream.number, answer);
        void (async () => {
          try {
            for await (const body of stream) answer.bodies.push(body);
            answer.outcome = "ok";
            this.epochs.set(stream.number, stream.epoch);
          } catch (thrown) {
            answer.outcome = (thrown as { readonly reason: string }).reason;
          }
        })();
      },
    });
    this.#subscriptions = [
      readEdge(bus, address, "reply", silentLogger, (packet, headers) => this.#reader.accept(packet, headers)),
      serveResend(bus, address, "prompt", (_, request) => this.#writer.resend(request)),
    ];
  }

  prompt(number: number, line: string): void {
    const value = create(PromptHeaderSchema, { language: "en", remainingMs: 1000, task: { case: "verbatim", value: line } });
    this.#writer.writeNow(number, { case: "header", value });
    this.#writer.end(number, {});
  }

  expect(number: number): void {
    this.#reader.expect(number);
  }

  tick(): void {
    this.#reader.tick();
  }

  outcome(number: number): string {
    return this.answers.get(number)?.outcome ?? "none";
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.close();
  }
}

/** Opens one stage of a session as its owner does. What reads the stage's edges must be there before. */
export async function openAlone(
  rig: Pick<MemoryRig, "bus" | "registry" | "clock">,
  owner: PromptingOwner,
  context: SessionContext,
  stage: StageName,
): Promise<Binding> {
  const { bus, registry, clock } = rig;
  await until(
    `a ${stage} replica is announced`,
    () => registry.candidates(stage).length > 0,
    () => clock.advance(100),
  );
  const epoch = owner.state.nextEpoch();
  const wanted = { context, stage, settings: settings[stage], epoch, fromNumber: 1, state: owner.state.view.snapshot() };
  return await openBinding({ bus, site, grants, registry }, wanted);
}

/** Stands in for a stage that reads the edge: it answers the probe and drops what it reads. */
export const readIdly = (bus: Bus, address: SessionAddress, edge: StreamEdge): Subscription =>
  readEdge(bus, address, edge, silentLogger, () => undefined);
