import { voiceSampleRateHz } from "../voice-format.ts";
import type { Segment } from "./segments.ts";

/** A slot of 5 ms. */
const slotSamples = voiceSampleRateHz / 200;
/** Quieter than this is a pause; the voice speaks at about -20 dBFS and fades to -60 before a pause. */
const quietPower = 10 ** (-54 / 10);
/** Shorter silences belong to the phones around them. */
const shortestPauseSlots = 10;
/** A phone keeps this much, however quiet it is. */
const keptSamples = 4 * slotSamples;

/** Finds where the sound really starts and stops around the possible pauses, and drops those that are none. */
export function settlePauses(segments: readonly Segment[], samples: Float32Array): Segment[] {
  const quiet = quietSlots(samples);
  const settled: Segment[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment.symbol !== "") {
      settled.push({ ...segment, start: settled.at(-1)?.end ?? 0 });
      continue;
    }
    const before = settled.at(-1);
    const after = segments[index + 1];
    const pause = longestQuiet(
      quiet,
      before ? before.start + keptSamples : 0,
      after ? after.end - keptSamples : samples.length,
      !before,
      !after,
    );
    if (before === undefined || after === undefined || pause.end - pause.start >= shortestPauseSlots * slotSamples) {
      if (before) before.end = pause.start;
      settled.push({ ...segment, ...pause });
    } else if (before) {
      before.end = Math.max(before.start, segment.start);
    }
  }
  return settled;
}

/** One flag per slot. */
function quietSlots(samples: Float32Array): boolean[] {
  return Array.from({ length: Math.ceil(samples.length / slotSamples) }, (_, slot) => {
    let energy = 0;
    const slice = samples.subarray(slot * slotSamples, (slot + 1) * slotSamples);
    for (const sample of slice) energy += sample * sample;
    return energy / slice.length < quietPower;
  });
}

/** The longest quiet stretch within [from, to); at an edge of the speech the one that touches the edge, however short. */
function longestQuiet(quiet: readonly boolean[], from: number, to: number, atStart: boolean, atEnd: boolean) {
  const first = Math.ceil(from / slotSamples);
  const last = Math.min(quiet.length, Math.ceil(to / slotSamples));
  if (atStart || atEnd) {
    const sounds = (slot: number) => !quiet[slot];
    if (atStart) {
      let slot = first;
      while (slot < last && !sounds(slot)) slot++;
      return { start: 0, end: slot * slotSamples };
    }
    let slot = last;
    while (slot > first && !sounds(slot - 1)) slot--;
    return { start: Math.max(from, slot * slotSamples), end: to };
  }
  let best = { start: from, end: from };
  for (let slot = first; slot < last; slot++) {
    let end = slot;
    while (end < last && quiet[end]) end++;
    if ((end - slot) * slotSamples > best.end - best.start) best = { start: slot * slotSamples, end: end * slotSamples };
    slot = end;
  }
  return best;
}
