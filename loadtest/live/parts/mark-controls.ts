import { Track } from "@troupe/contracts";
import { addCounts, countMarks, type MarkCount } from "../protocol/marks.ts";
import { UnitLog } from "../protocol/unit-log.ts";
import { askMarked, keepAsking, type MarkedPerson } from "./marked-person.ts";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const settleMs = 1500;
const interruptions = 10;
const swapMs = 4000;

/** What shows that the judge of mixing can be trusted. */
export interface MarkControls {
  /** One session with the platform to itself, interrupted again and again: every foreign unit is a false alarm. */
  readonly alone: MarkCount;
  /** Two sessions whose units were given to one another: every marked unit must be foreign. */
  readonly swapped: MarkCount;
}

/** With nobody else connected. */
export async function listenAlone(person: MarkedPerson): Promise<MarkCount> {
  for (let n = 0; n < interruptions; n++) {
    askMarked(person);
    await pause(settleMs);
    person.client.send({ type: "troupe.interrupt" });
    await pause(settleMs / 5);
  }
  return countMarks(person.client.units.of(Track.AUDIO), person.index);
}

/** Notes what comes for one as if it had come for the other. */
export async function swapUnits(one: MarkedPerson, other: MarkedPerson): Promise<MarkCount> {
  const stop = new AbortController();
  const talks = [one, other].map((person) => keepAsking(person, stop.signal));
  await pause(settleMs);
  const kept = [one.client.units, other.client.units] as const;
  const [toOne, toOther] = [new UnitLog(), new UnitLog()];
  one.client.units = toOther;
  other.client.units = toOne;
  await pause(swapMs);
  [one.client.units, other.client.units] = kept;
  stop.abort();
  await Promise.all(talks);
  return addCounts([countMarks(toOne.units, one.index), countMarks(toOther.units, other.index)]);
}
