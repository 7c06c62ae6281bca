import { create } from "@bufbuild/protobuf";
import { bytesToPcm16 } from "@troupe/audio";
import { MotionFrameSchema, MotionHeaderSchema, Delivery as WireDelivery } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type EdgeBody, keyedStage, type Stage, type StageCall, type StageSession } from "@troupe/stage";
import { blendShapeNames } from "@troupe/timeline";
import type { Delivery, FaceBackend, SpeechChunk } from "./backends/backend.ts";

const defaultFramesPerSecond = 25;

/** Turns speech into motion, frame by frame, on the response scale. */
export function faceStage(backend: FaceBackend): Stage {
  return keyedStage({
    name: "face",
    input: "speech",
    output: "motion",
    check: framesPerSecondOf,
    respond: (call) => animate(backend, call),
  });
}

async function* animate(backend: FaceBackend, call: StageCall<"speech">): AsyncIterable<EdgeBody<"motion">> {
  const framesPerSecond = framesPerSecondOf(call.session);
  let header: EdgeBody<"motion"> | undefined = {
    case: "header",
    value: create(MotionHeaderSchema, { framesPerSecond, weightNames: [...blendShapeNames] }),
  };
  for await (const frame of backend.animate(speechOf(call.input), { framesPerSecond, signal: call.signal })) {
    const { ptsUs, weights, head } = frame;
    if (header) yield header;
    header = undefined;
    yield {
      case: "frame",
      value: create(MotionFrameSchema, { ptsUs: BigInt(Math.round(ptsUs)), weights: [...weights], head: { ...head } }),
    };
  }
  if (header) yield header;
}

async function* speechOf(input: StageCall<"speech">["input"]): AsyncIterable<SpeechChunk> {
  let sampleRateHz = 0;
  for await (const body of input) {
    if (body.case === "header") sampleRateHz = body.value.sampleRateHz;
    else {
      if (sampleRateHz <= 0) throw new ServiceError("INVALID_REQUEST", "speech comes before a header with its sample rate");
      const { ptsUs, pcm16, phones, clause } = body.value;
      yield {
        ptsUs: Number(ptsUs),
        sampleRateHz,
        samples: bytesToPcm16(pcm16),
        phones: phones.map((phone) => ({ symbol: phone.text, startUs: Number(phone.startUs), endUs: Number(phone.endUs) })),
        ...(clause && { delivery: deliveries.get(clause.delivery) ?? "neutral" }),
      };
    }
  }
}

const deliveries: ReadonlyMap<WireDelivery, Delivery> = new Map([
  [WireDelivery.GENTLE, "gentle"],
  [WireDelivery.EXCITED, "excited"],
]);

function framesPerSecondOf(session: StageSession): number {
  const wanted = session.settings.case === "animation" ? session.settings.value.framesPerSecond : 0;
  const framesPerSecond = wanted || defaultFramesPerSecond;
  if (framesPerSecond !== 25 && framesPerSecond !== 30) throw new ServiceError("INVALID_REQUEST", "frames_per_second must be 25 or 30");
  return framesPerSecond;
}
