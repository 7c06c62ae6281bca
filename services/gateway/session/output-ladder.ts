import type { OutputSettings } from "@troupe/contracts";

/** What one second showed. */
export interface LadderObservation {
  readonly nowMs: number;
  /** Pictures were left out on the way to the client, or its sound ran out. */
  readonly congested: boolean;
  /** The presenter left out more than a few of its pictures. */
  readonly late: boolean;
}

export interface LadderPolicy {
  /** Seconds in a row that must be bad before a step down. */
  readonly badSeconds: number;
  /** Good time before a step up. */
  readonly recoverMs: number;
  /** A step up that did not hold doubles the time to the next one, up to this. */
  readonly maxRecoverMs: number;
}

export const defaultLadderPolicy: LadderPolicy = { badSeconds: 2, recoverMs: 10_000, maxRecoverMs: 120_000 };

export interface LadderState {
  /** 0: as wanted. */
  readonly step: number;
  readonly badSeconds: number;
  readonly goodSinceMs: number | undefined;
  readonly recoverMs: number;
  /** When it last went up; a fall soon after that makes the next attempt later. */
  readonly climbedMs: number;
}

export interface LadderMove {
  readonly state: LadderState;
  /** Set when the step changes. */
  readonly reason?: "congestion" | "deadline" | "recovered";
}

export const initialLadder = (policy: LadderPolicy): LadderState => ({
  step: 0,
  badSeconds: 0,
  goodSinceMs: undefined,
  recoverMs: policy.recoverMs,
  climbedMs: Number.NEGATIVE_INFINITY,
});

/** Down at once when it is bad, up only after it was good for long: so it never flaps. One observation a second. */
export function climb(state: LadderState, seen: LadderObservation, rungs: number, policy: LadderPolicy): LadderMove {
  if (seen.congested || seen.late) return bad(state, seen, rungs, policy);
  const goodSinceMs = state.goodSinceMs ?? seen.nowMs;
  const calm: LadderState = { ...state, badSeconds: 0, goodSinceMs };
  if (state.step === 0) return { state: { ...calm, recoverMs: policy.recoverMs } };
  if (seen.nowMs - goodSinceMs < state.recoverMs) return { state: calm };
  return { state: { ...calm, step: state.step - 1, goodSinceMs: seen.nowMs, climbedMs: seen.nowMs }, reason: "recovered" };
}

function bad(state: LadderState, seen: LadderObservation, rungs: number, policy: LadderPolicy): LadderMove {
  const badSeconds = state.badSeconds + 1;
  const worse: LadderState = { ...state, badSeconds, goodSinceMs: undefined };
  if (badSeconds < policy.badSeconds || state.step >= rungs - 1) return { state: worse };
  const fellBack = seen.nowMs - state.climbedMs < 2 * state.recoverMs;
  const recoverMs = fellBack ? Math.min(policy.maxRecoverMs, state.recoverMs * 2) : state.recoverMs;
  return {
    state: { ...worse, step: state.step + 1, badSeconds: 0, recoverMs },
    reason: seen.congested ? "congestion" : "deadline",
  };
}

const smallestSide = 160;

/**
 * What may be sent in place of what is wanted, each less than the one before: fewer frames, a smaller picture, the pose alone where
 * the client draws anyway, the voice alone.
 */
export function rungsOf(wanted: OutputSettings): readonly OutputSettings[] {
  const rungs = [wanted];
  const add = (change: Partial<OutputSettings>) => rungs.push({ ...(rungs.at(-1) as OutputSettings), ...change });
  if (wanted.width > 0) {
    if (wanted.framesPerSecond === 30) add({ framesPerSecond: 25 });
    if (wanted.framesPerSecond !== 15) add({ framesPerSecond: 15 });
    const half = (side: number) => 2 * Math.round(side / 4);
    if (Math.min(half(wanted.width), half(wanted.height)) >= smallestSide)
      add({ width: half(wanted.width), height: half(wanted.height), videoBitrateBps: Math.round(wanted.videoBitrateBps / 2) });
    if (wanted.motion) add({ width: 0, height: 0 });
    add({ width: 0, height: 0, motion: false });
  } else if (wanted.motion) {
    if (wanted.framesPerSecond !== 15) add({ framesPerSecond: 15 });
    add({ motion: false });
  }
  return rungs;
}
