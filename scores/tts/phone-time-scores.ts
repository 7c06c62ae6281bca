import type { Score } from "../score.ts";
import { type EventKind, errorsOf, findPhoneEvents } from "./phone-events.ts";
import { median, quantile, type Spoken } from "./spoken.ts";

const controlShiftMs = 60;
const spoken: readonly EventKind[] = ["closure", "release", "sibilant"];

/** How far the told times of phones lie from where the wave shows them. */
export function phoneTimeScores(language: "en" | "zh", voice: string, sentences: readonly Spoken[]): readonly Score[] {
  const events = sentences.flatMap((sentence) => findPhoneEvents(sentence));
  const shifted = sentences.flatMap((sentence) => findPhoneEvents(sentence, controlShiftMs));
  const score = (kinds: readonly EventKind[], name: string, note: string): Score => {
    const errors = errorsOf(events, kinds).map(Math.abs);
    const found = events.filter(({ kind }) => kinds.includes(kind)).length;
    const each = kinds.map((kind) => {
      const own = errorsOf(events, [kind]);
      return `${kind} ${median(own.map(Math.abs)).toFixed(0)} ms (${own.length}, bias ${median(own).toFixed(0)} ms)`;
    });
    return {
      id: `phone-times-${name}-${language}`,
      what: `${voice}: told against heard time of ${kinds.map((kind) => `${kind}s`).join(", ")}, median absolute error`,
      set: {
        name: `scores/tts/sentences-${language}.txt`,
        kind: "authored",
        size: `${errors.length} events of ${sentences.length} sentences`,
      },
      value: median(errors),
      unit: "ms",
      better: "lower",
      aim: 20,
      control: { name: `told times ${controlShiftMs} ms later`, value: median(errorsOf(shifted, kinds).map(Math.abs)) },
      spread: { low: quantile(errors, 0.1), high: quantile(errors, 0.9), of: "10th to 90th percentile" },
      note: `${each.join("; ")}. ${found - errors.length} of ${found} had no clear step of level. ${note}`,
    };
  };
  return [
    score(spoken, "sounds", "Other phones are unverified."),
    score(["pause"], "pauses", "The voice settles its pauses on the wave itself, so these are not independent of the sound."),
  ].filter(({ value }) => !Number.isNaN(value));
}
