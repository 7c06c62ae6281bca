import type { Clock } from "@troupe/timeline";

/** Of an AudioContext, what is needed to keep it running. Safari has the state "interrupted" beside the standard's. */
export interface KeptContext extends EventTarget {
  readonly state: string;
  resume(): Promise<void>;
}

export interface SoundKeeperOptions {
  readonly clock: Clock;
  readonly context: KeptContext;
  /** Where clicks and key presses are seen, and that the page is shown again: the window. */
  readonly page: EventTarget;
  /** Sound is stopped and only a click or a key press brings it back (true), or it is back (false). */
  readonly onBlocked: (blocked: boolean) => void;
}

/** Time in which a browser that allows it resumes. */
const patienceMs = 400;
const gestures = ["pointerdown", "keydown", "touchend"] as const;
/** The page is back: a phone call, another app or a closed lid may have stopped the sound. */
const returns = ["focus", "pageshow", "visibilitychange", "online"] as const;

/**
 * Resumes the AudioContext when the browser or the system has stopped it: at once, where the page comes back, and with the next
 * gesture where only that is allowed.
 * @returns what ends it
 */
export function keepSoundRunning({ clock, context, page, onBlocked }: SoundKeeperOptions): () => void {
  let blocked = false;
  let cancelTimer = () => {};
  const stopped = () => context.state === "suspended" || context.state === "interrupted";
  const tell = (now: boolean) => {
    if (now === blocked) return;
    blocked = now;
    onBlocked(now);
  };
  const resume = () => {
    // Refused without a gesture: the next one tries again.
    if (stopped()) void context.resume().catch(() => undefined);
  };
  const onState = () => {
    cancelTimer();
    if (!stopped()) return tell(false);
    resume();
    cancelTimer = clock.setTimer(patienceMs, () => tell(stopped()));
  };
  const ending = new AbortController();
  const { signal } = ending;
  context.addEventListener("statechange", onState, { signal });
  // Before anything of the page can stop the event.
  for (const name of [...gestures, ...returns]) page.addEventListener(name, resume, { signal, capture: true });
  onState();
  return () => {
    cancelTimer();
    ending.abort();
  };
}
