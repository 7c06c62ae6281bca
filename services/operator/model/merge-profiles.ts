import type { ModelProfile } from "@troupe/kinds";

/** Bounds of the schema: what is outside of them was not measured by a replica of ours. */
const maxProfiles = 64;
const maxSessions = 10_000;
const maxMilliseconds = 600_000;

const keyOf = ({ acceleratorClass, image }: ModelProfile): string => `${acceleratorClass} ${image}`;
const timeMs = ({ measuredTime }: ModelProfile): number => Date.parse(measuredTime);

const isSound = (profile: ModelProfile): boolean =>
  profile.acceleratorClass !== "" &&
  profile.image !== "" &&
  profile.sessions >= 0 &&
  profile.sessions <= maxSessions &&
  (profile.p95EarlyMilliseconds ?? 0) >= 0 &&
  (profile.p95EarlyMilliseconds ?? 0) <= maxMilliseconds &&
  !Number.isNaN(timeMs(profile));

/**
 * One profile for each class and image: the one that was measured last; of two at the same time, the lower. Those there were keep their
 * order, so that nothing is new where nothing was measured. Beyond what the schema holds, the oldest go.
 */
export function mergeProfiles(before: readonly ModelProfile[], measured: readonly ModelProfile[]): readonly ModelProfile[] {
  const merged = new Map(before.map((one) => [keyOf(one), one]));
  const sorted = measured.filter(isSound).toSorted((a, b) => timeMs(a) - timeMs(b) || b.sessions - a.sessions);
  for (const one of sorted) {
    const known = merged.get(keyOf(one));
    if (!known || timeMs(one) > timeMs(known) || (timeMs(one) === timeMs(known) && one.sessions < known.sessions))
      merged.set(keyOf(one), one);
  }
  const all = [...merged.values()];
  if (all.length <= maxProfiles) return all;
  const kept = new Set(all.toSorted((a, b) => timeMs(b) - timeMs(a)).slice(0, maxProfiles));
  return all.filter((one) => kept.has(one));
}
