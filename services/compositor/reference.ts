import { readdir } from "node:fs/promises";
import { create } from "@bufbuild/protobuf";
import { pcm16ToBytes } from "@troupe/audio";
import {
  ClauseStartSchema,
  MotionFrameSchema,
  MotionHeaderSchema,
  Pacing,
  PresentationSettingsSchema,
  SpeechChunkSchema,
  SpeechHeaderSchema,
  Track,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { ReferenceSession, ReferenceWork, Stage } from "@troupe/stage";
import { blendShapeNames } from "@troupe/timeline";
import { defaultForm } from "./output/output-form.ts";

const { framesPerSecond } = defaultForm;
const sampleRateHz = 24_000;
const lengthMs = 2_000;
const chunkMs = 200;
/** A picture is late once the next two should be there: as many may be in the encoder. */
const pictureMs = (2 * 1000) / framesPerSecond;
/** Sound is late when a client that keeps 200 ms of it would run dry. */
const soundMs = 200;
const frames = (lengthMs / 1000) * framesPerSecond;
/** AAC-LC; the last unit may be on its way. */
const sounds = Math.floor((lengthMs / 1000) * (sampleRateHz / 1024)) - 1;

/**
 * A live session in the usual form, in which the avatar speaks all the time.
 * @param stage the compositor with metrics of its own, since overload is provoked
 */
export async function compositorReference(stage: Stage, avatarDir: string): Promise<ReferenceWork> {
  const avatar = (await readdir(avatarDir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()[0];
  if (avatar === undefined) throw new ServiceError("AVATAR_UNKNOWN", `there is no avatar in ${avatarDir}`);
  const { width, height, videoBitrateBps } = defaultForm;
  const value = create(PresentationSettingsSchema, {
    width,
    height,
    videoBitrateBps,
    framesPerSecond,
    sampleRateHz,
    captions: true,
    pacing: Pacing.LIVE,
  });
  return {
    id: `${avatar} speaking ${lengthMs} ms at ${width}x${height}, ${framesPerSecond} fps, picture after ${pictureMs} ms, sound after ${soundMs} ms`,
    stage,
    context: { avatar },
    settings: { case: "presentation", value },
    spreadMs: 1000,
    durationMs: lengthMs + soundMs,
    deadlines: { picture: frames, sound: sounds },
    run: present,
  };
}

async function present(session: ReferenceSession): Promise<void> {
  const { clock, signal, owner, epoch } = session;
  const startMs = clock.nowMs();
  const units = session.read("av", epoch);
  speak(session, owner.nextResponse());
  const counts = { picture: 0, sound: 0 };
  const watch = (async () => {
    for await (const { body, atMs } of units) {
      if (body.case !== "unit") continue;
      const { track, ptsUs } = body.value;
      const lateMs = atMs - startMs - Number(ptsUs) / 1000;
      if (track === Track.VIDEO && counts.picture++ < frames) session.report("picture", lateMs - pictureMs);
      if (track === Track.AUDIO && counts.sound++ < sounds) session.report("sound", lateMs - soundMs);
      if (counts.picture >= frames && counts.sound >= sounds) return;
    }
  })();
  // What has not come by then never will: a picture that was left out has no unit.
  await Promise.race([watch, clock.sleep(lengthMs + soundMs, signal)]);
  watch.catch(() => undefined);
}

/** All at once, as far as a voice may run ahead. */
function speak(session: ReferenceSession, response: number): void {
  session.send("speech", response, { case: "header", value: create(SpeechHeaderSchema, { sampleRateHz }) });
  const text = "On Sunday the museum is open from ten in the morning until five.";
  for (let ms = 0; ms < lengthMs; ms += chunkMs) {
    const clause = ms === 0 ? { clause: create(ClauseStartSchema, { text, language: "en" }) } : {};
    const value = create(SpeechChunkSchema, { ptsUs: BigInt(ms * 1000), pcm16: toneAt(ms), ...clause });
    session.send("speech", response, { case: "chunk", value });
  }
  session.end("speech", response);
  const header = create(MotionHeaderSchema, { framesPerSecond, weightNames: [...blendShapeNames] });
  session.send("motion", response, { case: "header", value: header });
  for (let frame = 0; frame < frames; frame++) {
    const value = create(MotionFrameSchema, { ptsUs: BigInt(Math.round((frame * 1e6) / framesPerSecond)), weights: weightsAt(frame) });
    session.send("motion", response, { case: "frame", value });
  }
  session.end("motion", response);
}

const toneAt = (startMs: number): Uint8Array => {
  const from = (startMs * sampleRateHz) / 1000;
  const length = (chunkMs * sampleRateHz) / 1000;
  return pcm16ToBytes(Int16Array.from({ length }, (_, n) => 8_000 * Math.sin((2 * Math.PI * 220 * (from + n)) / sampleRateHz)));
};

/** A mouth that opens four times a second; every shape moves, so that each layer is drawn anew. */
const weightsAt = (frame: number): number[] =>
  blendShapeNames.map((_, index) => 0.25 + 0.2 * Math.sin((2 * Math.PI * 4 * frame) / framesPerSecond + index));
