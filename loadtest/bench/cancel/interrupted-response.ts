import { Track } from "@troupe/contracts";
import { type Caller, type EventOf, unitOf } from "../../platform/caller.ts";

/** One response that was stopped. Times in milliseconds. */
export interface InterruptedResponse {
  /** How far into the response the interrupt was sent. */
  readonly atMs: number;
  /** Media time from the newest frame at the caller when it interrupted to the end of what was presented of the response. */
  readonly mediaMs: number;
  /** Wall time from the interrupt to the arrival of the last frame of the response; 0 when none came after it. */
  readonly wallMs: number;
  /** Frames of the response that came after the interrupt. */
  readonly frames: number;
}

/** Lets the avatar say a text, interrupts it `atMs` after it began, and looks at what still came. */
export async function interruptOnce(caller: Caller, text: string, atMs: number): Promise<InterruptedResponse> {
  const pictures: { readonly ptsUs: number; readonly nowMs: number }[] = [];
  let started: EventOf<"responseStarted"> | undefined;
  let done: EventOf<"responseDone"> | undefined;
  caller.onEvent = (event, nowMs) => {
    if (event.case === "responseStarted") started = event.value;
    if (event.case === "responseDone") done = event.value;
    const picture = unitOf(event, Track.VIDEO);
    if (picture) pictures.push({ ptsUs: Number(picture.ptsUs), nowMs });
  };
  const begun = caller.next((event) => event.case === "responseStarted");
  caller.microphone.send({ case: "say", value: { text, language: "en" } });
  await begun;
  await new Promise((resolve) => setTimeout(resolve, atMs));
  const over = caller.next((event) => event.case === "responseDone");
  const interruptMs = performance.now();
  const newestUs = pictures.at(-1)?.ptsUs ?? 0;
  caller.microphone.send({ case: "interrupt", value: {} });
  await over;
  // Pictures are encoded beside the reports: the last ones of the response may come after its end was reported.
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const endUs = Number(started?.sessionPtsUs ?? 0) + Number(done?.presentedUs ?? 0);
  const late = pictures.filter(({ ptsUs, nowMs }) => ptsUs < endUs && nowMs >= interruptMs);
  return { atMs, mediaMs: (endUs - newestUs) / 1000, wallMs: (late.at(-1)?.nowMs ?? interruptMs) - interruptMs, frames: late.length };
}

const settleMs = 250;
