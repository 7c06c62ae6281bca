import { trace } from "@opentelemetry/api";
import { bytesToPcm16 } from "@troupe/audio";
import { extractContext } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { type InStream, readStageTimes } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { createRateConverter, type RateConverter } from "./rate-converter.ts";
import type { Presenter } from "./timeline/presenter.ts";
import type { ResponseTrack } from "./timeline/response-track.ts";

export interface InputDeps {
  readonly presenter: Presenter;
  readonly sampleRateHz: number;
  readonly clock: Clock;
  /** Called whenever something came. */
  readonly wake: () => void;
}

const tracer = trace.getTracer("troupe.compositor");
const minSpeechHz = 8_000;
const maxSpeechHz = 48_000;

/** Reads a response's speech into its track, at the session's sample rate. A stream that fails ends the response where its sound ends. */
export async function readSpeech(stream: InStream<"speech">, deps: InputDeps): Promise<void> {
  const track = deps.presenter.track(stream.number);
  let converter: RateConverter | undefined;
  try {
    for await (const body of stream) {
      if (body.case === "header") {
        begin(track, stream, body.value.sampleRateHz, deps);
        converter = await createRateConverter(body.value.sampleRateHz, deps.sampleRateHz);
      } else {
        if (!converter) throw new ServiceError("INVALID_REQUEST", "speech comes before its header");
        const { clause, words, pcm16, ptsUs } = body.value;
        if (clause) track.clauses.push({ text: clause.text, startUs: Number(ptsUs) });
        for (const word of words) track.words.push({ text: word.text, startUs: Number(word.startUs), endUs: Number(word.endUs) });
        track.append(converter.push(bytesToPcm16(pcm16)));
      }
      deps.wake();
    }
  } catch (thrown) {
    const error = ServiceError.from(thrown);
    if (error.reason !== "CANCELLED") track.failure = error;
  } finally {
    if (converter) track.append(converter.flush());
    converter?.[Symbol.dispose]();
    track.speechEnded = true;
    deps.wake();
  }
}

function begin(track: ResponseTrack, stream: InStream<"speech">, fromHz: number, deps: InputDeps): void {
  if (fromHz < minSpeechHz || fromHz > maxSpeechHz)
    throw new ServiceError("INVALID_REQUEST", `sample_rate_hz of speech must be ${minSpeechHz} to ${maxSpeechHz}`);
  track.firstSpeechMs = deps.clock.nowMs();
  Object.assign(track.stageMs, readStageTimes(stream.headers));
  track.span = tracer.startSpan(
    "compositor present",
    { attributes: { "troupe.stage": "compositor", "troupe.number": stream.number } },
    extractContext(stream.headers),
  );
}

/** Reads a response's motion into its track; without motion the mouth follows the sound. */
export async function readMotion(stream: InStream<"motion">, deps: InputDeps): Promise<void> {
  const track = deps.presenter.track(stream.number);
  try {
    for await (const body of stream) {
      if (body.case === "header") {
        Object.assign(track.stageMs, readStageTimes(stream.headers));
        if (body.value.framesPerSecond > 0) track.motionFrameUs = 1e6 / body.value.framesPerSecond;
      } else {
        const { ptsUs, weights, head } = body.value;
        track.appendMotion({
          startUs: Number(ptsUs),
          weights: Float32Array.from(weights),
          head: { yaw: head?.yaw ?? 0, pitch: head?.pitch ?? 0, roll: head?.roll ?? 0 },
        });
      }
      deps.wake();
    }
    track.motionEnd = "complete";
  } catch {
    // The presenter's own mouth takes over and is counted; the stream's writer has logged why.
    track.motionEnd = "failed";
  } finally {
    deps.wake();
  }
}
