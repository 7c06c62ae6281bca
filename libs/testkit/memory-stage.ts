import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { SessionContextSchema, StageOpenSchema } from "@troupe/contracts";
import { OwnerState } from "@troupe/session";
import {
  type BindingDeps,
  createStageMetrics,
  type EdgeBody,
  edges,
  type Packet,
  type Stage,
  StageBinding,
  type StreamEdge,
} from "@troupe/stage";
import { type Clock, systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { until } from "./until.ts";

export interface MemoryStageOptions {
  readonly settings?: MessageInitShape<typeof StageOpenSchema>["settings"];
  readonly clock?: Clock;
}

/** A stage that serves one session in memory: packets in, packets out, no transport between. */
export interface MemoryStage extends AsyncDisposable {
  readonly binding: StageBinding;
  /** The session's owner; what it decides reaches the stage at once. */
  readonly owner: OwnerState;
  /** Log entries of level warn and error. */
  readonly complaints: readonly object[];
  /** Sends bodies of a stream, one after the other. */
  send<E extends StreamEdge>(edge: E, number: number, ...bodies: readonly EdgeBody<E>[]): void;
  end(edge: StreamEdge, number: number, error?: { readonly reason: string }): void;
  /** What the stage has written of a stream so far. */
  written<E extends StreamEdge>(edge: E, number: number): readonly Packet<E>[];
  /** Resolves with the whole stream once the stage has ended it. */
  ended<E extends StreamEdge>(edge: E, number: number): Promise<readonly Packet<E>[]>;
}

const epoch = 1;

/** @throws ServiceError what the stage refuses the settings with */
export async function openMemoryStage(stage: Stage, options: MemoryStageOptions = {}): Promise<MemoryStage> {
  const written = new Map<string, Packet<StreamEdge>[]>();
  const sent = new Map<string, number>();
  const complaints: object[] = [];
  const complain = (fields: object) => void complaints.push(fields);
  const streamOf = (edge: StreamEdge, number: number) => {
    const key = `${edge}/${edges[edge].key === "session" ? epoch : number}`;
    const stream = written.get(key) ?? [];
    written.set(key, stream);
    return stream;
  };
  const transport: BindingDeps["transport"] = {
    credit: false,
    send(edge, packet) {
      streamOf(edge, packet.number).push(packet as unknown as Packet<StreamEdge>);
    },
  };
  const open = create(StageOpenSchema, {
    context: create(SessionContextSchema, { site: "local", tenant: "demo", session: "one", owner: "test", avatar: "pico", seed: 7 }),
    epoch,
    fromNumber: 1,
    ...(options.settings ? { settings: options.settings } : {}),
  });
  const binding = await StageBinding.create(open, {
    stage,
    clock: options.clock ?? systemClock,
    logger: { debug: () => undefined, info: () => undefined, warn: complain, error: complain },
    metrics: createStageMetrics(new Registry()),
    transport,
  });
  const owner = new OwnerState((state) => binding.merge(state));

  function accept<E extends StreamEdge>(edge: E, number: number, body: Packet<E>["body"]): void {
    const key = `${edge}/${number}`;
    const seq = sent.get(key) ?? 0;
    sent.set(key, seq + 1);
    binding.accept(edge, { epoch, number, seq, body }, {});
  }

  return {
    binding,
    owner,
    complaints,
    send(edge, number, ...bodies) {
      for (const body of bodies) accept(edge, number, body);
    },
    end(edge, number, error) {
      const count = sent.get(`${edge}/${number}`) ?? 0;
      const detail = error ? { error: { $typeName: "troupe.session.v1.StreamError" as const, message: "", stage: "test", ...error } } : {};
      accept(edge, number, { case: "end", value: { $typeName: "troupe.session.v1.StreamEnd", count, ...detail } });
    },
    written: (edge, number) => streamOf(edge, number) as never,
    async ended(edge, number) {
      const stream = streamOf(edge, number);
      await until(`the stage ends ${edge} ${number}`, () => stream.at(-1)?.body.case === "end");
      return stream as never;
    },
    [Symbol.asyncDispose]: () => binding.close(),
  };
}
