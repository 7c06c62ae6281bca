import { create } from "@bufbuild/protobuf";
import { AudioCodec, Pacing, type StageOpen, StageOpenSchema, VideoCodec } from "@troupe/contracts";
import { createLogger } from "@troupe/service";
import { createStageMetrics, type EdgeBody, type Packet, type Stage, StageBinding, type StreamEdge } from "@troupe/stage";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";

export const presentation = (settings: {
  readonly width: number;
  readonly height: number;
  readonly captions: boolean;
}): StageOpen["settings"] => ({
  case: "presentation",
  value: {
    $typeName: "troupe.session.v1.PresentationSettings",
    ...settings,
    framesPerSecond: 25,
    videoBitrateBps: 0,
    sampleRateHz: 24_000,
    label: "",
    startPtsUs: 0n,
    pacing: Pacing.UNPACED,
    audioCodec: AudioCodec.AAC,
    videoCodec: VideoCodec.H264_HIGH,
    motion: false,
  },
});

/** Opens one stage for a session of one response, without a bus. Everything that it writes goes to `onPacket`. */
export async function openStage(
  stage: Stage,
  settings: StageOpen["settings"],
  onPacket: (edge: StreamEdge, packet: Packet<StreamEdge>) => void,
): Promise<StageBinding> {
  const open = create(StageOpenSchema, {
    context: { site: "local", tenant: "demo", session: "bench", owner: "bench", avatar: "mara", seed: 7 },
    epoch: 1,
    fromNumber: 1,
    state: { lastResponse: 1, committedThrough: 1 },
    settings,
  });
  const logger = createLogger("bench", "error");
  const metrics = createStageMetrics(new Registry());
  const transport = { credit: false, send: (edge: StreamEdge, packet: Packet<StreamEdge>) => onPacket(edge, packet) };
  return await StageBinding.create(open, { stage, clock: systemClock, logger, metrics, transport } as never);
}

/** Gives a stage the whole stream of response 1. */
export function giveStream<E extends StreamEdge>(binding: StageBinding, edge: E, bodies: readonly EdgeBody<E>[]): void {
  const packet = (seq: number, body: Packet<E>["body"]): Packet<E> => ({ epoch: 1, number: 1, seq, body });
  for (const [seq, body] of bodies.entries()) binding.accept(edge, packet(seq, body), {});
  binding.accept(
    edge,
    packet(bodies.length, { case: "end", value: { $typeName: "troupe.session.v1.StreamEnd", count: bodies.length } }),
    {},
  );
}

/** Runs one response through one stage, and gives what it wrote on `output`. */
export async function runStage<I extends StreamEdge, O extends StreamEdge>(
  stage: Stage,
  settings: StageOpen["settings"],
  input: { readonly edge: I; readonly bodies: readonly EdgeBody<I>[] },
  output: O,
): Promise<EdgeBody<O>[]> {
  const bodies: EdgeBody<O>[] = [];
  const ended = Promise.withResolvers<void>();
  const binding = await openStage(stage, settings, (edge, packet) => {
    if (edge !== output) return;
    if (packet.body.case === "end") ended.resolve();
    else bodies.push(packet.body as EdgeBody<O>);
  });
  try {
    giveStream(binding, input.edge, input.bodies);
    await ended.promise;
    return bodies;
  } finally {
    await binding.close();
  }
}
