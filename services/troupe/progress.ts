import type { ConverseResponse } from "@troupe/contracts";

/** Progress for people, on standard error. */
export function progress() {
  const startMs = performance.now();
  const step = (text: string) => process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
  const event = (happened: ConverseResponse["event"]) => {
    const text = describe(happened);
    if (text) step(text);
  };
  return { step, event };
}

function describe(event: ConverseResponse["event"]): string | undefined {
  switch (event.case) {
    case "started":
      return `session open, ${event.value.avatar} is there`;
    case "utteranceStarted":
      return "someone speaks";
    case "utteranceEnded":
      return "the question has ended";
    case "utteranceTranscribed":
      return `${event.value.interim ? "hearing" : "heard"}: ${event.value.transcript?.text ?? ""}`;
    case "responseText":
      return `answering: ${event.value.clause?.text ?? ""}`;
    case "responseStarted":
      return "the avatar speaks";
    case "responseDone":
      return event.value.complete ? "answered" : `stopped: ${event.value.error?.message ?? "interrupted"}`;
    case "moved":
      return `${event.value.stage} went to ${event.value.replica}`;
    case "error":
      return `${event.value.stage}: ${event.value.reason}: ${event.value.message}`;
    default:
      return undefined;
  }
}
