import { create } from "@bufbuild/protobuf";
import { TranscriptSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type EdgeBody, keyedStage, type Stage, type StageCall } from "@troupe/stage";
import type { AsrBackend, Transcription } from "./backends/backend.ts";

const sampleRateHz = 16_000;
/** Interims come at most this often, and only when the one before has come. */
const interimIntervalUs = 800_000;
/** Finals go before everybody's interims, which have the later deadline. */
const finalBudgetMs = 8_000;
const interimBudgetMs = 10_000;

/** Recognises utterances: interims while someone speaks, the final when the utterance has ended. */
export function asrStage(backend: AsrBackend): Stage {
  return keyedStage({ name: "asr", input: "speech-in", output: "transcript", respond: (call) => recognise(backend, call) });
}

async function* recognise(backend: AsrBackend, call: StageCall<"speech-in">): AsyncIterable<EdgeBody<"transcript">> {
  const audio = new Utterance(backend.maxAudioMs);
  const settings = call.session.settings.case === "recognition" ? call.session.settings.value : undefined;
  let language = settings?.language ?? "";
  let interim: Promise<Transcription | undefined> | undefined;
  let ready: Transcription | undefined;
  let interimUs = 0;
  const interims = new AbortController();
  const interimSignal = AbortSignal.any([call.signal, interims.signal]);
  for await (const body of call.input) {
    if (body.case === "header") language = body.value.language || language;
    else audio.add(Number(body.value.ptsUs), body.value.pcm16);
    if (ready) {
      yield { case: "interim", value: toTranscript(ready) };
      ready = undefined;
    }
    if (!settings?.interims || interim || audio.endUs - interimUs < interimIntervalUs) continue;
    interimUs = audio.endUs;
    interim = guess(backend, interimSignal, audio.samples(), language).then((result) => {
      ready = result;
      interim = undefined;
      return result;
    });
  }
  interims.abort(new ServiceError("CANCELLED", "the final is on its way"));
  const deadlineMs = performance.now() + finalBudgetMs;
  const final = await backend.transcribe(audio.samples(), {
    interim: false,
    deadlineMs,
    signal: call.signal,
    ...(language ? { language } : {}),
  });
  yield { case: "final", value: toTranscript(final) };
}

/** An interim is a courtesy: what keeps it from coming is no failure. */
async function guess(
  backend: AsrBackend,
  signal: AbortSignal,
  samples: Float32Array,
  language: string,
): Promise<Transcription | undefined> {
  const deadlineMs = performance.now() + interimBudgetMs;
  return await backend.transcribe(samples, { interim: true, deadlineMs, signal, ...(language ? { language } : {}) }).catch(() => undefined);
}

/** Samples by position: what never came is silence. */
class Utterance {
  readonly #maxSamples: number;
  #samples = new Float32Array(sampleRateHz * 4);
  #length = 0;

  constructor(maxAudioMs: number) {
    this.#maxSamples = Math.floor((maxAudioMs / 1000) * sampleRateHz);
  }

  get endUs(): number {
    return (this.#length / sampleRateHz) * 1e6;
  }

  add(ptsUs: number, pcm16: Uint8Array): void {
    const start = Math.round((ptsUs / 1e6) * sampleRateHz);
    const end = start + (pcm16.byteLength >> 1);
    if (end > this.#maxSamples) throw new ServiceError("AUDIO_TOO_LONG", `an utterance may last ${this.#maxSamples / sampleRateHz} s`);
    if (end > this.#samples.length) {
      const larger = new Float32Array(Math.min(this.#maxSamples, end * 2));
      larger.set(this.#samples);
      this.#samples = larger;
    }
    const view = new DataView(pcm16.buffer, pcm16.byteOffset, pcm16.byteLength);
    for (let index = start; index < end; index++) this.#samples[index] = view.getInt16((index - start) * 2, true) / 32768;
    this.#length = Math.max(this.#length, end);
  }

  samples(): Float32Array {
    return this.#samples.slice(0, this.#length);
  }
}

function toTranscript(result: Transcription) {
  return create(TranscriptSchema, {
    text: result.text,
    language: result.language,
    confidence: result.confidence,
    words: result.words.map((word) => ({
      text: word.text,
      confidence: word.confidence,
      startUs: BigInt(Math.round(word.startUs)),
      endUs: BigInt(Math.round(word.endUs)),
    })),
  });
}
