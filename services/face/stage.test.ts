import { create } from "@bufbuild/protobuf";
import { pcm16ToBytes } from "@troupe/audio";
import { ClauseStartSchema, Delivery, type MotionFrame, SpeechChunkSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { EdgeBody, Packet } from "@troupe/stage";
import { type MemoryStage, openMemoryStage } from "@troupe/testkit";
import { blendShapeNames } from "@troupe/timeline";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FaceBackend } from "./backends/backend.ts";
import { createStubBackend } from "./backends/stub.ts";
import { faceStage } from "./stage.ts";

const sampleRateHz = 24_000;
const header: EdgeBody<"speech"> = { case: "header", value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz } };

async function open(framesPerSecond = 25, backend: FaceBackend = createStubBackend()): Promise<MemoryStage> {
  const stage = await openMemoryStage(faceStage(backend), {
    settings: { case: "animation", value: { $typeName: "troupe.session.v1.AnimationSettings", framesPerSecond } },
  });
  onTestFinished(() => stage[Symbol.asyncDispose]());
  return stage;
}

/** Silence in chunks of so many samples, with its header. */
function speech(chunks: readonly number[]): EdgeBody<"speech">[] {
  let samples = 0;
  return [
    header,
    ...chunks.map((count): EdgeBody<"speech"> => {
      const ptsUs = BigInt(Math.round((samples / sampleRateHz) * 1e6));
      samples += count;
      return { case: "chunk", value: create(SpeechChunkSchema, { ptsUs, pcm16: pcm16ToBytes(new Int16Array(count)) }) };
    }),
  ];
}

async function animate(stage: MemoryStage, bodies: readonly EdgeBody<"speech">[]): Promise<readonly Packet<"motion">[]> {
  const number = stage.owner.nextResponse();
  stage.send("speech", number, ...bodies);
  stage.end("speech", number);
  return await stage.ended("motion", number);
}

const framesOf = (packets: readonly Packet<"motion">[]): MotionFrame[] =>
  packets.flatMap(({ body }) => (body.case === "frame" ? [body.value] : []));
const endOf = (packets: readonly Packet<"motion">[]) => packets.at(-1)?.body;

describe("the face stage", () => {
  it.each([25, 30])("sends the header first, then a frame for each 1/%i s of the sound, then their number", async (framesPerSecond) => {
    const stage = await open(framesPerSecond);
    const packets = await animate(stage, speech([4800, 4800, 4800, 4800, 4800]));
    expect(packets[0]?.body).toMatchObject({ case: "header", value: { framesPerSecond, weightNames: [...blendShapeNames] } });
    expect(endOf(packets)).toMatchObject({ case: "end", value: { count: framesPerSecond + 1 } });
    const frames = framesOf(packets);
    expect(frames.map((frame) => Number(frame.ptsUs))).toEqual(
      Array.from({ length: framesPerSecond }, (_, n) => Math.round((n * 1e6) / framesPerSecond)),
    );
    for (const frame of frames) expect(frame.weights).toHaveLength(52);
  });

  it("covers the whole sound, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(25, 30),
        async (chunks, framesPerSecond) => {
          const packets = await animate(await open(framesPerSecond), speech(chunks));
          const frames = framesOf(packets);
          const total = chunks.reduce((sum, count) => sum + count, 0);
          expect(frames).toHaveLength(Math.ceil((total * framesPerSecond) / sampleRateHz - 1e-6));
          expect(packets.map(({ seq }) => seq)).toEqual(packets.keys().toArray());
        },
      ),
      { numRuns: 30 },
    );
  });

  it("of speech without sound gives a header and no motion", async () => {
    expect((await animate(await open(), [header])).map(({ body }) => body.case)).toEqual(["header", "end"]);
  });

  it("refuses sound whose rate it was not told", async () => {
    const rateless: EdgeBody<"speech"> = { case: "header", value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz: 0 } };
    for (const first of [[], [rateless]])
      expect(endOf(await animate(await open(), [...first, ...speech([480]).slice(1)]))).toMatchObject({
        case: "end",
        value: { error: { reason: "INVALID_REQUEST", stage: "face" } },
      });
  });

  it("ends with the reason when its backend fails amid the motion", async () => {
    const stub = createStubBackend();
    const backend: FaceBackend = {
      ...stub,
      async *animate(given, options) {
        for await (const frame of stub.animate(given, options)) {
          if (frame.ptsUs >= 400_000) throw new ServiceError("BACKEND_FAILED", "gone");
          yield frame;
        }
      },
    };
    const packets = await animate(await open(25, backend), speech([24_000]));
    expect(framesOf(packets)).toHaveLength(10);
    expect(endOf(packets)).toMatchObject({ case: "end", value: { count: 11, error: { reason: "BACKEND_FAILED" } } });
  });

  it("tells its backend how each clause is said", async () => {
    const seen: (string | undefined)[] = [];
    const stub = createStubBackend();
    const backend: FaceBackend = {
      ...stub,
      async *animate(given, options) {
        for await (const chunk of given) seen.push(chunk.delivery);
        yield* stub.animate((async function* () {})(), options);
      },
    };
    const clauses = [Delivery.GENTLE, undefined, Delivery.EXCITED, Delivery.UNSPECIFIED];
    const [first, ...chunks] = speech(clauses.map(() => 480));
    for (const [n, body] of chunks.entries()) {
      const delivery = clauses[n];
      if (body.case === "chunk" && delivery !== undefined) body.value.clause = create(ClauseStartSchema, { text: "so", delivery });
    }
    await animate(await open(25, backend), [first as EdgeBody<"speech">, ...chunks]);
    expect(seen).toEqual(["gentle", undefined, "excited", "neutral"]);
  });

  it("fails with the speech it follows", async () => {
    const stage = await open();
    const number = stage.owner.nextResponse();
    stage.send("speech", number, ...speech([4800]));
    stage.end("speech", number, { reason: "DEADLINE" });
    expect(endOf(await stage.ended("motion", number))).toMatchObject({ case: "end", value: { error: { reason: "DEADLINE" } } });
  });

  it("writes nothing more of a response that is cancelled, and goes on with the next", async () => {
    const stage = await open();
    const number = stage.owner.nextResponse();
    stage.send("speech", number, ...speech([4800]));
    await animate(stage, speech([480]));
    stage.owner.cancelOnly(number);
    const before = stage.written("motion", number).length;
    stage.send("speech", number, ...speech([4800, 4800]).slice(1));
    await stage.binding.idle();
    expect(before).toBeGreaterThan(1);
    expect(stage.written("motion", number)).toHaveLength(before);
    expect(framesOf(await animate(stage, speech([960])))).toHaveLength(1);
  });

  it.each([24, 60, 1])("refuses %i frames a second", async (framesPerSecond) => {
    await expect(open(framesPerSecond)).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
  });

  it("makes 25 frames a second when nobody says how many", async () => {
    expect(framesOf(await animate(await open(0), speech([24_000])))).toHaveLength(25);
  });
});
