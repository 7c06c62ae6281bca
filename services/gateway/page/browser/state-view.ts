import type { AvatarCall } from "@troupe/client";
import type { Layout } from "./layout.ts";
import type { Texts } from "./texts.ts";

const noticeMs = 8000;
const retrySeconds = 5;
/** Steps of the ladder that nobody sees: fewer frames a second. */
const silentSteps = 2;
const fullCodes = new Set(["NO_CAPACITY", "LIMIT_REACHED", "QUEUE_FULL", "DRAINING", "no_capacity", "rate_limit_exceeded"]);

type ShownState = keyof Texts["state"];

/** Keeps status, notices and the welcome panel true to the call. */
export function showState(call: AvatarCall, layout: Layout, texts: Texts): void {
  const show = (state: ShownState) => {
    layout.root.dataset.state = state;
    layout.status.dataset.state = state;
    layout.status.textContent = texts.state[state];
  };
  const notify = noticesOn(layout.notice);
  const heldStep = { step: 0 };
  show("connecting");
  layout.message.textContent = texts.invite;
  notify("");
  call.on("state", ({ state, reason }) => {
    if (state === "ended") showEnd(reason ?? "other", layout, texts, show);
    else show(state);
  });
  call.on("microphone", (microphone) => {
    if (microphone.open) return;
    notify(texts.microphone[microphone.problem], true);
    layout.text.focus({ preventScroll: true });
  });
  call.on("blocked", ({ blocked }) => notify(blocked ? texts.soundBlocked : "", blocked));
  call.on("notice", ({ kind, seconds }) => notify(texts.notice[kind](seconds)));
  call.on("output", ({ step, reason }) => {
    const shown = Math.max(0, step - silentSteps);
    if (shown > heldStep.step) notify(reason === "deadline" ? texts.simpler.deadline : texts.simpler.congestion);
    else if (shown < heldStep.step) notify(texts.restored);
    heldStep.step = shown;
  });
}

function showEnd(reason: string, layout: Layout, texts: Texts, show: (state: ShownState) => void): void {
  const full = fullCodes.has(reason);
  show(full ? "full" : reason === "unreachable" ? "failed" : "ended");
  layout.caption.textContent = "";
  layout.message.textContent = texts.ended[full ? "full" : reason] ?? texts.ended.other ?? "";
  const label = layout.start.querySelector("span");
  if (label) label.textContent = texts.startAgain;
  if (full) countDown(layout.start, texts);
  else layout.start.focus({ preventScroll: true });
}

/** The person may call again, but not at once. */
function countDown(start: HTMLButtonElement, texts: Texts): void {
  let seconds = retrySeconds;
  const label = start.querySelector("span");
  const tick = () => {
    if (label) label.textContent = seconds > 0 ? texts.retryIn(seconds) : texts.startAgain;
    start.disabled = seconds > 0;
    if (seconds-- > 0) setTimeout(tick, 1000);
    else start.focus({ preventScroll: true });
  };
  tick();
}

/** @returns what shows a notice: for some seconds, or until the next one */
function noticesOn(element: HTMLElement): (text: string, stays?: boolean) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (text, stays = false) => {
    clearTimeout(timer);
    element.textContent = text;
    element.hidden = text === "";
    if (text !== "" && !stays) timer = setTimeout(() => (element.hidden = true), noticeMs);
  };
}
