import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { floatToPcm16, pcm16ToBytes, readWav } from "@troupe/audio";
import { AnimationSettingsSchema, SpeechChunkSchema, SpeechHeaderSchema } from "@troupe/contracts";
import type { ReferenceSession, ReferenceWork } from "@troupe/stage";

const recording = "zh-children.wav";
const framesPerSecond = 25;
const chunkMs = 200;
/** Speech comes so far ahead of its presentation: less than a voice is allowed, and about what a slow one manages. */
const leadMs = 400;
/** How long the presenter waits for the first motion. */
const motionWaitMs = 120;

/**
 * Speech in real time without phones, so that a network that hears them has its work.
 * @param settings what else of the process the time depends on
 */
export async function faceReference(modelDir: string, settings: string): Promise<ReferenceWork> {
  const { samples, sampleRateHz } = readWav(await readFile(join(modelDir, "questions", recording)));
  const lengthMs = (samples.length / sampleRateHz) * 1000;
  const frames = Math.floor((lengthMs / 1000) * framesPerSecond);
  return {
    id: `${recording} in real time, ${leadMs} ms ahead, motion after ${motionWaitMs} ms; ${settings}`,
    settings: { case: "animation", value: create(AnimationSettingsSchema, { framesPerSecond }) },
    spreadMs: lengthMs,
    durationMs: lengthMs + motionWaitMs,
    deadlines: { frame: frames },
    run: (session) => animate(session, { pcm16: pcm16ToBytes(floatToPcm16(samples)), sampleRateHz, frames }),
  };
}

interface Speech {
  readonly pcm16: Uint8Array;
  readonly sampleRateHz: number;
  readonly frames: number;
}

async function animate(session: ReferenceSession, { pcm16, sampleRateHz, frames }: Speech): Promise<void> {
  const { clock, owner, signal } = session;
  const response = owner.nextResponse();
  const motion = session.read("motion", response);
  const startMs = clock.nowMs();
  const speak = async () => {
    session.send("speech", response, { case: "header", value: create(SpeechHeaderSchema, { sampleRateHz }) });
    const chunkBytes = (sampleRateHz / 1000) * chunkMs * 2;
    for (let from = 0, ms = 0; from < pcm16.length; from += chunkBytes, ms += chunkMs) {
      await clock.sleep(Math.max(0, startMs + ms - leadMs - clock.nowMs()), signal);
      const value = create(SpeechChunkSchema, { ptsUs: BigInt(ms * 1000), pcm16: pcm16.subarray(from, from + chunkBytes) });
      session.send("speech", response, { case: "chunk", value });
    }
    session.end("speech", response);
  };
  const watch = async () => {
    let frame = 0;
    for await (const { body, atMs } of motion) {
      if (body.case !== "frame" || frame++ >= frames) continue;
      session.report("frame", atMs - (startMs + motionWaitMs + Number(body.value.ptsUs) / 1000));
    }
  };
  await Promise.all([speak(), watch()]);
}
