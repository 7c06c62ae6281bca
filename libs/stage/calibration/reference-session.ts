import { create } from "@bufbuild/protobuf";
import { BoundedQueue } from "@troupe/bus";
import { SessionContextSchema, StageOpenSchema, type StreamEnd } from "@troupe/contracts";
import { OwnerState } from "@troupe/session";
import type { Clock } from "@troupe/timeline";
import { StageBinding } from "../adapter/stage-binding.ts";
import { edges, type StreamEdge } from "../edges.ts";
import type { StageMetrics } from "../metrics.ts";
import type { Packet } from "../packet.ts";
import type { Logger, Stage } from "../stage.ts";
import { fromStreamError } from "../stream-error.ts";
import type { OutputBody, ReferenceSession, ReferenceWork } from "./reference-work.ts";

export interface ReferenceSessionDeps {
  readonly stage: Stage;
  readonly clock: Clock;
  /** Of the stage: overload is provoked here, and is no news. */
  readonly logger: Logger;
  readonly metrics: StageMetrics;
}

interface SessionOptions {
  readonly index: number;
  readonly signal: AbortSignal;
  readonly report: ReferenceSession["report"];
}

type Outputs = BoundedQueue<OutputBody<StreamEdge>>;

const epoch = 1;
const maxUnread = 16_384;
/** A trace that is not recorded: nobody asked for this work. */
const unsampled = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00" };

/** Opens a session at the stage; disposing of it closes it there. @throws ServiceError what the stage refuses the settings with */
export async function openReferenceSession(
  { stage, clock, logger, metrics }: ReferenceSessionDeps,
  work: ReferenceWork,
  { index, signal, report }: SessionOptions,
): Promise<ReferenceSession & AsyncDisposable> {
  const outputs = new Map<string, Outputs>();
  const sent = new Map<string, number>();
  const keyOf = (edge: StreamEdge, number: number) => `${edge}/${edges[edge].key === "session" ? epoch : number}`;
  const open = create(StageOpenSchema, {
    context: create(SessionContextSchema, {
      site: "local",
      tenant: "calibration",
      session: `calibration-${index}`,
      owner: "calibration",
      seed: index,
      ...work.context,
    }),
    epoch,
    fromNumber: 1,
    settings: work.settings,
  });
  const transport = {
    credit: false,
    send: <E extends StreamEdge>(edge: E, packet: Packet<E>) => {
      const output = outputs.get(keyOf(edge, packet.number));
      if (output) take(output, packet as unknown as Packet<StreamEdge>, clock.nowMs());
    },
  };
  const binding = await StageBinding.create(open, { stage, clock, logger, metrics, transport });
  const owner = new OwnerState((state) => binding.merge(state));

  function accept<E extends StreamEdge>(edge: E, number: number, body: Packet<E>["body"]): void {
    const key = keyOf(edge, number);
    const seq = sent.get(key) ?? 0;
    sent.set(key, seq + 1);
    binding.accept(edge, { epoch, number, seq, body }, unsampled);
  }

  const onAbort = () => {
    for (const output of outputs.values()) output.fail(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });

  return {
    index,
    clock,
    signal,
    owner,
    epoch,
    report,
    send(edge, number, ...bodies) {
      for (const body of bodies) accept(edge, number, body);
    },
    end(edge, number) {
      const count = sent.get(keyOf(edge, number)) ?? 0;
      accept(edge, number, { case: "end", value: { $typeName: "troupe.session.v1.StreamEnd", count } });
    },
    read(edge, number) {
      const output: Outputs = new BoundedQueue(maxUnread, "fail");
      if (signal.aborted) output.fail(signal.reason);
      outputs.set(keyOf(edge, number), output);
      return output as never;
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", onAbort);
      await binding.close();
    },
  };
}

function take(output: Outputs, { body }: Packet<StreamEdge>, atMs: number): void {
  if (body.case !== "end") return output.push({ body, atMs } as OutputBody<StreamEdge>);
  const { error } = body.value as StreamEnd;
  if (error) output.fail(fromStreamError(error));
  else output.end();
}
