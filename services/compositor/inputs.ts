import { bytesToPcm16 } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";
import type { InStream } from "@troupe/stage";
import type { Presenter } from "./timeline/presenter.ts";

/** Reads a response's speech into its track. A stream that fails ends the response where its sound ends. */
export async function readSpeech(stream: InStream<"speech">, presenter: Presenter, sampleRateHz: number, wake: () => void): Promise<void> {
  const track = presenter.track(stream.number);
  try {
    for await (const body of stream) {
      if (body.case === "header") {
        if (body.value.sampleRateHz !== sampleRateHz)
          throw new ServiceError(
            "INVALID_REQUEST",
            `speech comes at ${body.value.sampleRateHz} Hz, the session runs at ${sampleRateHz} Hz`,
          );
      } else {
        const { clause, words, pcm16, ptsUs } = body.value;
        if (clause) track.clauses.push({ text: clause.text, startUs: Number(ptsUs) });
        for (const word of words) track.words.push({ text: word.text, startUs: Number(word.startUs), endUs: Number(word.endUs) });
        track.append(bytesToPcm16(pcm16));
      }
      wake();
    }
  } catch (thrown) {
    const error = ServiceError.from(thrown);
    if (error.reason === "CANCELLED") return;
    track.failure = error;
  } finally {
    track.speechEnded = true;
    wake();
  }
}

/** Reads a response's motion into its track; without motion the mouth follows the sound. */
export async function readMotion(stream: InStream<"motion">, presenter: Presenter, wake: () => void): Promise<void> {
  const track = presenter.track(stream.number);
  try {
    for await (const body of stream) {
      if (body.case !== "frame") continue;
      const { weights, head } = body.value;
      track.appendMotion({
        weights: Float32Array.from(weights),
        head: { yaw: head?.yaw ?? 0, pitch: head?.pitch ?? 0, roll: head?.roll ?? 0 },
      });
      wake();
    }
  } catch {
    // The presenter's own mouth takes over; the stream's writer has logged and counted why.
  } finally {
    track.motionEnded = true;
    wake();
  }
}
