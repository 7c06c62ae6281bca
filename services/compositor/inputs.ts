import { trace } from "@opentelemetry/api";
import { bytesToPcm16 } from "@troupe/audio";
import { extractContext } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { type InStream, readStageTimes } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
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

/** Reads a response's speech into its track. A stream that fails ends the response where its sound ends. */
export async function readSpeech(stream: InStream<"speech">, deps: InputDeps): Promise<void> {
  const track = deps.presenter.track(stream.number);
  try {
    for await (const body of stream) {
      if (body.case === "header") begin(track, stream, body.value.sampleRateHz, deps);
      else {
        const { clause, words, pcm16, ptsUs } = body.value;
        if (clause) track.clauses.push({ text: clause.text, startUs: Number(ptsUs) });
        for (const word of words) track.words.push({ text: word.text, startUs: Number(word.startUs), endUs: Number(word.endUs) });
        track.append(bytesToPcm16(pcm16));
      }
      deps.wake();
    }
  } catch (thrown) {
    const error = ServiceError.from(thrown);
    if (error.reason !== "CANCELLED") track.failure = error;
  } finally {
    track.speechEnded = true;
    deps.wake();
  }
}

function begin(track: ResponseTrack, stream: InStream<"speech">, sampleRateHz: number, deps: InputDeps): void {
  if (sampleRateHz !== deps.sampleRateHz) {
    throw new ServiceError("INVALID_REQUEST", `speech comes at ${sampleRateHz} Hz, the session runs at ${deps.sampleRateHz} Hz`);
  }
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
      if (body.case === "header") Object.assign(track.stageMs, readStageTimes(stream.headers));
      else {
        const { weights, head } = body.value;
        track.appendMotion({
          weights: Float32Array.from(weights),
          head: { yaw: head?.yaw ?? 0, pitch: head?.pitch ?? 0, roll: head?.roll ?? 0 },
        });
      }
      deps.wake();
    }
  } catch {
    // The presenter's own mouth takes over; the stream's writer has logged and counted why.
  } finally {
    track.motionEnded = true;
    deps.wake();
  }
}
