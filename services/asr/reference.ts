import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { floatToPcm16, pcm16ToBytes, readWav } from "@troupe/audio";
import { RecognitionSettingsSchema, SpeechInChunkSchema, SpeechInHeaderSchema } from "@troupe/contracts";
import type { ReferenceSession, ReferenceWork } from "@troupe/stage";

/** Short questions, 16 kHz; see models/questions. */
const recordings = [
  { language: "en", file: "students.wav" },
  { language: "zh", file: "zh-children.wav" },
] as const;

const sampleRateHz = 16_000;
const chunkMs = 20;
/** The silence by which the endpointer knows that a question is over. */
const silenceMs = 500;
/** From the end of the utterance to its final: what the time from voice to sound leaves for it. */
const finalMs = 300;

interface Recording {
  readonly language: string;
  /** With the silence. */
  readonly pcm16: Uint8Array;
}

/**
 * A question in real time, with interims, as a microphone brings it; sessions differ in their language.
 * @param languages BCP-47, of the stage's models
 * @param settings what else of the process the time depends on
 */
export async function asrReference(modelDir: string, languages: readonly string[], settings: string): Promise<ReferenceWork | undefined> {
  const known = recordings.filter(({ language }) => languages.includes(language));
  const questions = await Promise.all(known.map((recording) => read(modelDir, recording)));
  if (questions.length === 0) return undefined;
  const durationMs = Math.max(...questions.map(({ pcm16 }) => (pcm16.length / 2 / sampleRateHz) * 1000));
  return {
    id: `a question in ${questions.map(({ language }) => language).join(" and ")}, final after ${finalMs} ms; ${settings}`,
    settings: { case: "recognition", value: create(RecognitionSettingsSchema, { interims: true }) },
    spreadMs: durationMs,
    durationMs: durationMs + finalMs,
    deadlines: { final: 1 },
    run: (session) => ask(session, questions[session.index % questions.length] as Recording),
  };
}

async function read(modelDir: string, { language, file }: (typeof recordings)[number]): Promise<Recording> {
  const { samples } = readWav(await readFile(join(modelDir, "questions", file)));
  const padded = new Float32Array(samples.length + (silenceMs * sampleRateHz) / 1000);
  padded.set(samples);
  return { language, pcm16: pcm16ToBytes(floatToPcm16(padded)) };
}

async function ask(session: ReferenceSession, { language, pcm16 }: Recording): Promise<void> {
  const { clock, owner, signal } = session;
  const utterance = owner.nextUtterance();
  const transcripts = session.read("transcript", utterance);
  session.send("speech-in", utterance, {
    case: "header",
    value: create(SpeechInHeaderSchema, { participant: "person", language, sampleRateHz }),
  });
  const startMs = clock.nowMs();
  const chunkBytes = (sampleRateHz / 1000) * chunkMs * 2;
  for (let from = 0, ms = 0; from < pcm16.length; from += chunkBytes, ms += chunkMs) {
    await clock.sleep(Math.max(0, startMs + ms + chunkMs - clock.nowMs()), signal);
    const value = create(SpeechInChunkSchema, { ptsUs: BigInt(ms * 1000), pcm16: pcm16.subarray(from, from + chunkBytes) });
    session.send("speech-in", utterance, { case: "chunk", value });
  }
  session.end("speech-in", utterance);
  owner.endUtterance(utterance);
  const endMs = clock.nowMs();
  for await (const { body, atMs } of transcripts) if (body.case === "final") session.report("final", atMs - endMs - finalMs);
}
