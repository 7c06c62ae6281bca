import { homedir } from "node:os";
import { createResampler } from "@troupe/audio";
import { defaultCacheDir } from "@troupe/model-store";
import { loadAsteriskPrompts } from "../../../scores/asterisk-prompts.ts";
import type { Sayable } from "../part.ts";
import { joined, materialRateHz } from "./spoken-material.ts";

/** Sentences that somebody could say to the avatar; it declines them. */
const ids = [
  "all-circuits-busy-now",
  "conf-now-recording",
  "please-try-call-later",
  "number-not-answering",
  "tt-weasels",
  "demo-nomatch",
  "feature-not-avail-line",
  "vm-msgsaved",
];
const promptRateHz = 16_000;

/** Recorded speech of a person (Asterisk's prompts, CC-BY-SA-3.0): sentences of one breath. None where the packages cannot be had. */
export async function loadAsteriskQuestions(signal: AbortSignal): Promise<readonly Sayable[]> {
  const prompts = await loadAsteriskPrompts({ cacheDir: defaultCacheDir(process.env, homedir()), signal }).catch(() => []);
  const found: Sayable[] = [];
  for (const { id, text, samples } of prompts) {
    if (!ids.includes(id) || samples.length > 5 * promptRateHz) continue;
    using resampler = await createResampler({ fromHz: promptRateHz, toHz: materialRateHz });
    found.push({ text, samples: joined([resampler.push(samples), resampler.flush()]) });
  }
  return found;
}
