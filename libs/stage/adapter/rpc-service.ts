import { create, type DescService } from "@bufbuild/protobuf";
import { BoundedQueue, type Headers, traceHeaders } from "@troupe/bus";
import {
  AnimationService,
  DialogueService,
  PresentationService,
  RecognitionService,
  type StageOpen,
  SynthesisService,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { CallContext, RpcServer } from "@troupe/rpc";
import type { Grants } from "@troupe/session";
import { type EdgePackets, edges, inputsOf, type StageName, type StreamEdge } from "../edges.ts";
import { makePacket, type Packet, readPacket } from "../packet.ts";
import { type BindingDeps, StageBinding } from "./stage-binding.ts";

/** The gRPC service of each stage; each has one method, streaming both ways. */
export const stageServices = {
  asr: RecognitionService,
  llm: DialogueService,
  tts: SynthesisService,
  face: AnimationService,
  compositor: PresentationService,
} as const satisfies Record<StageName, DescService>;

/** A request of any stage's service: one of open, control, feedback, or a packet of an input edge. */
interface AnyRequest {
  readonly message: { readonly case: string | undefined; readonly value?: unknown };
}

export type RpcStageDeps = Omit<BindingDeps, "transport"> & { readonly grants: Grants };

const fieldOf = (edge: StreamEdge) => edge.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Serves a stage to direct callers: the same packets as on the bus, one session a call. The grant travels as a bearer token. */
export function addStageService(server: RpcServer, deps: RpcStageDeps): void {
  const service: DescService = stageServices[deps.stage.name];
  const method = service.methods[0];
  if (!method) throw new ServiceError("INTERNAL", `${service.typeName} has no method`);
  const output = method.output;
  const wrap = (edge: StreamEdge, packet: Packet<StreamEdge>) => {
    const message = makePacket(edge, packet) as EdgePackets[StreamEdge];
    const field = fieldOf(edge);
    return create(output, (output.oneofs.length > 0 ? { message: { case: field, value: message } } : { [field]: message }) as never);
  };
  const handler = (requests: AsyncIterable<AnyRequest>, context: CallContext) => serveCall(deps, requests, context, wrap);
  server.add(service, { [method.localName]: handler } as never);
}

async function* serveCall<Response>(
  deps: RpcStageDeps,
  requests: AsyncIterable<AnyRequest>,
  context: CallContext,
  wrap: (edge: StreamEdge, packet: Packet<StreamEdge>) => Response,
): AsyncIterable<Response> {
  const iterator = requests[Symbol.asyncIterator]();
  const first = await iterator.next();
  const opening = first.done ? undefined : first.value.message;
  if (opening?.case !== "open") throw new ServiceError("INVALID_REQUEST", "the first message must be open");
  const open = opening.value as StageOpen;
  await checkGrant(deps, open, context);

  // Flow control of the call holds the reader of this queue; what is cancelled meanwhile is dropped at its end.
  const queue = new BoundedQueue<{ readonly edge: StreamEdge; readonly packet: Packet<StreamEdge> }>(16_384, "fail");
  const binding = await StageBinding.create(open, {
    ...deps,
    transport: { credit: false, send: (edge, packet) => queue.push({ edge, packet: packet as Packet<StreamEdge> }) },
  });
  const onAbort = () => queue.fail(context.signal.reason);
  context.signal.addEventListener("abort", onAbort, { once: true });
  const reading = readRequests(deps.stage.name, binding, iterator, context)
    .then(() => {
      binding.endInputs();
      return binding.idle();
    })
    .then(
      () => queue.end(),
      (thrown: unknown) => queue.fail(thrown),
    );
  try {
    for await (const { edge, packet } of queue) {
      if (edges[edge].key !== "response" || !binding.state.isCancelled(packet.number)) yield wrap(edge, packet);
    }
  } finally {
    context.signal.removeEventListener("abort", onAbort);
    queue.end();
    await binding.close();
    void reading;
  }
}

async function checkGrant(deps: RpcStageDeps, open: StageOpen, context: CallContext): Promise<void> {
  const token = context.metadata.authorization?.replace(/^Bearer /, "") ?? "";
  await deps.grants.check(token, { tenant: open.context?.tenant ?? "", session: open.context?.session ?? "", stage: deps.stage.name });
}

async function readRequests(
  stage: StageName,
  binding: StageBinding,
  requests: AsyncIterator<AnyRequest>,
  context: CallContext,
): Promise<void> {
  const inputs = new Map(inputsOf(stage).map((edge) => [fieldOf(edge), edge]));
  const headers: Headers = { ...traceHeaders(), ...context.metadata };
  for (let next = await requests.next(); !next.done; next = await requests.next()) {
    const { message } = next.value;
    const edge = inputs.get(message.case ?? "");
    if (edge) binding.accept(edge, readPacket(edge, message.value as never), headers);
    else if (message.case === "control") {
      const { state } = message.value as EdgePackets["control"];
      if (state) binding.merge(state);
    } else if (message.case === "feedback") binding.feedback(message.value as EdgePackets["av-feedback"]);
    else throw new ServiceError("INVALID_REQUEST", `unexpected ${message.case ?? "empty"} message`);
  }
}
