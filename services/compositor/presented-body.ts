import type { StreamError } from "@troupe/contracts";
import type { EdgeBody } from "@troupe/stage";
import type { PresenterEvent } from "./timeline/tick.ts";

const names = "troupe.presentation.v1" as const;

/** A presenter's event as the body of a `presented` packet. */
export function presentedBody(
  event: PresenterEvent,
  toUs: (sample: number) => number,
  toError: (thrown: unknown) => StreamError,
): EdgeBody<"presented"> {
  const { response } = event;
  const sessionPtsUs = BigInt(toUs(event.sessionSample));
  switch (event.kind) {
    case "started":
      return {
        case: "started",
        value: { $typeName: `${names}.ResponseStarted`, response, sessionPtsUs, stageMs: { ...event.track.stageMs } },
      };
    case "position":
      return {
        case: "position",
        value: { $typeName: `${names}.ResponsePosition`, response, responsePtsUs: BigInt(toUs(event.responseSample)), sessionPtsUs },
      };
    case "finished":
      return {
        case: "finished",
        value: {
          $typeName: `${names}.ResponseFinished`,
          response,
          presentedUs: BigInt(toUs(event.presentedSamples)),
          complete: event.complete,
          sessionPtsUs,
          fallbackFrames: event.fallbackFrames,
          presentedText: event.presentedText,
          words: event.words.map(({ text, sessionEnd, responseEnd }) => ({
            $typeName: `${names}.PresentedWord`,
            text,
            sessionEndUs: BigInt(toUs(sessionEnd)),
            responseEndUs: BigInt(toUs(responseEnd)),
          })),
          ...(event.failure === undefined ? {} : { error: toError(event.failure) }),
        },
      };
    case "caption":
      return { case: "caption", value: { $typeName: `${names}.Caption`, response, sessionPtsUs, text: event.text } };
  }
}
