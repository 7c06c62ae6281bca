import { type Decision, decide, type Policy } from "../kube/decision.ts";
import { forecastWork } from "./forecast.ts";

/** What is seen of a pool at one moment. */
export interface PoolObservation {
  /** On the injected clock. */
  readonly nowMs: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Wanted now. */
  readonly replicas: number;
  /** Beyond those that sessions need. */
  readonly warmReplicas: number;
  readonly paused: boolean;
  /** From the wish for a replica until it takes sessions. */
  readonly leadMs: number;
  readonly members: readonly MemberLoad[];
  /** Replicas with sessions that have nowhere else to go now. */
  readonly pinnedReplicas: number;
}

/** One stage of the pack. */
export interface MemberLoad {
  /** Served and refused, each session once; undefined: nobody has told. */
  readonly sessions: number | undefined;
  /** What one replica serves when it does nothing else, as it measured; undefined: not yet. */
  readonly perReplica: number | undefined;
}

export interface AutoscalePolicy {
  /** Of the demand's rises over the lead time, so many (0 to 1) are prepared for. */
  readonly quantile: number;
  /** Fewer replicas only if so long nothing asked for more. */
  readonly downWindowMs: number;
  /** None at all only if so long there was no session. */
  readonly idleWindowMs: number;
  /** Fewer replicas only if they would be so much (0 to 1) less than full. */
  readonly slack: number;
  /** Samples that are remembered. */
  readonly maxSamples: number;
}

export const usualPolicy: AutoscalePolicy = { quantile: 0.95, downWindowMs: 300_000, idleWindowMs: 600_000, slack: 0.1, maxSamples: 360 };

export interface Sample {
  readonly atMs: number;
  /** Demand in replicas' work: a session of a stage is 1/perReplica of it. */
  readonly work: number;
  /** Replicas that would do with some slack. */
  readonly enough: number;
}

/** What the autoscaler remembers of a pool, oldest first. An operator that starts anew begins with none, and lowers nothing for a while. */
export interface AutoscaleState {
  readonly samples: readonly Sample[];
  /** Since when it watches without a gap. */
  readonly sinceMs: number | undefined;
}

export const noState: AutoscaleState = { samples: [], sinceMs: undefined };

export interface ScaleDecision extends Decision {
  readonly replicas: number;
}

interface Case {
  readonly seen: PoolObservation;
  readonly state: AutoscaleState;
  readonly policy: AutoscalePolicy;
  /** Work that is expected by the time that a replica wanted now is there. */
  readonly forecast: number;
  /** Replicas that it needs, the warm ones among them. */
  readonly needed: number;
  /** Replicas that were enough all through the window. */
  readonly lasting: number;
}

/** What a pool is scaled to and why; the first that speaks. Bounds are applied afterwards. */
const policies: readonly Policy<Case, ScaleDecision>[] = [
  ({ seen }) => (seen.paused ? { replicas: seen.replicas, reason: "Paused", message: "a person has paused the pool" } : undefined),
  ({ seen }) =>
    seen.members.some(({ sessions }) => sessions === undefined)
      ? { replicas: seen.replicas, reason: "DemandUnknown", message: "no gateway has reported; silence is no reason to change anything" }
      : undefined,
  ({ seen }) =>
    seen.members.some(({ perReplica }) => !perReplica)
      ? {
          replicas: Math.max(isAsked(seen) ? 1 : 0, seen.replicas),
          reason: "NotProfiled",
          message: "one replica measures how many sessions it serves",
        }
      : undefined,
  ({ seen, needed, forecast }) =>
    needed > seen.replicas
      ? {
          replicas: needed,
          reason: "DemandGrew",
          message: `${text(forecast)} replicas' work is expected, ${seen.replicas} replicas are wanted`,
        }
      : undefined,
  ({ seen, lasting }) =>
    lasting < seen.replicas && seen.pinnedReplicas > lasting
      ? {
          replicas: Math.min(seen.replicas, seen.pinnedReplicas),
          reason: "SessionsStay",
          message: `${seen.pinnedReplicas} replicas hold sessions that have nowhere to go`,
        }
      : undefined,
  ({ seen, lasting }) =>
    lasting === 0 && seen.replicas > 0
      ? { replicas: 0, reason: "Idle", message: "there was no session for the whole idle window" }
      : undefined,
  ({ seen, lasting, policy }) =>
    lasting < seen.replicas
      ? {
          replicas: lasting,
          reason: "DemandFell",
          message: `for ${policy.downWindowMs / 1000} s nothing has asked for more than ${lasting}`,
        }
      : undefined,
  ({ seen, forecast }) => ({ replicas: seen.replicas, reason: "Steady", message: `${text(forecast)} replicas' work on ${seen.replicas}` }),
];

/**
 * Wants replicas for the demand that is expected when they will be ready: up at once, down after a window in which nothing asked for
 * more (the largest recommendation of the window, as Kubernetes' HorizontalPodAutoscaler does), with slack between the two, so that
 * noise around a border does not flap. Pure: what it remembers is returned.
 */
export function autoscale(
  before: AutoscaleState,
  seen: PoolObservation,
  policy: AutoscalePolicy = usualPolicy,
): { readonly state: AutoscaleState; readonly decision: ScaleDecision } {
  const work = workOf(seen.members);
  // While demand is unknown nothing is learnt, and what was learnt before the gap says nothing of it.
  if (work === undefined) return { state: noState, decision: bounded(decide(policies, caseWithout(seen, policy)), seen) };
  const known = [...before.samples, { atMs: seen.nowMs, work, enough: 0 }];
  const forecast = forecastWork(known, { nowMs: seen.nowMs, leadMs: seen.leadMs, quantile: policy.quantile });
  const enough = replicasFor(forecast / (1 - policy.slack), seen.warmReplicas);
  const samples = [...before.samples, { atMs: seen.nowMs, work, enough }].slice(-policy.maxSamples);
  const state = { samples, sinceMs: before.sinceMs ?? seen.nowMs };
  const needed = replicasFor(forecast, seen.warmReplicas);
  const decision = decide(policies, { seen, state, policy, forecast, needed, lasting: lastingReplicas(state, seen, policy) });
  return { state, decision: bounded(decision, seen) };
}

const isAsked = ({ members }: PoolObservation): boolean => members.some(({ sessions = 0 }) => sessions > 0);

const rounding = 1e-9;

const replicasFor = (work: number, warm: number): number => Math.ceil(work - rounding) + warm;

function workOf(members: readonly MemberLoad[]): number | undefined {
  let work = 0;
  for (const { sessions, perReplica } of members) {
    if (sessions === undefined || !perReplica) return undefined;
    work += sessions / perReplica;
  }
  return work;
}

/** The most that any moment of the window asked for; what is wanted now where the window has not passed yet. */
function lastingReplicas({ samples, sinceMs }: AutoscaleState, { nowMs, replicas }: PoolObservation, policy: AutoscalePolicy): number {
  const since = sinceMs ?? nowMs;
  if (nowMs - since < policy.downWindowMs) return replicas;
  const enough = Math.max(...samples.filter(({ atMs }) => nowMs - atMs <= policy.downWindowMs).map((sample) => sample.enough));
  if (enough > 0) return enough;
  const idle = nowMs - since >= policy.idleWindowMs && samples.every(({ atMs, work }) => nowMs - atMs > policy.idleWindowMs || work === 0);
  return idle ? 0 : Math.min(1, replicas);
}

const caseWithout = (seen: PoolObservation, policy: AutoscalePolicy): Case => ({
  ...{ seen, policy, state: noState },
  ...{ forecast: 0, needed: seen.replicas, lasting: seen.replicas },
});

function bounded(decision: ScaleDecision | undefined, { minReplicas, maxReplicas, replicas, paused }: PoolObservation): ScaleDecision {
  if (!decision) throw new TypeError("the last policy always speaks");
  if (paused) return decision;
  const within = Math.min(maxReplicas, Math.max(minReplicas, decision.replicas));
  if (within === decision.replicas) return decision;
  const bound = within === maxReplicas ? "AtMaximum" : "AtMinimum";
  const limit = within === maxReplicas ? `the plan has room for ${maxReplicas}` : `the plan keeps at least ${minReplicas}`;
  if (within === replicas && decision.reason === "Steady") return { ...decision, replicas: within };
  return { replicas: within, reason: bound, message: `${decision.message}; ${limit}` };
}

const text = (work: number): string => work.toFixed(2);
