import { AudioCodec, Pacing } from "@troupe/contracts";
import type { Converse } from "@troupe/troupe";
import { Caller } from "../../platform/caller.ts";

export interface CpuRun {
  readonly what: string;
  /** Of one core, for each session, by process. */
  readonly percentPerSession: Readonly<Record<string, number>>;
  readonly totalPercent: number;
}

/** About 20 s of stub speech. */
export const cpuText = "one two three four five six seven eight nine ten ".repeat(6).trim();
const settleMs = 1500;

/** Keeps sessions going in real time for a while, speaking or silent, and counts what they cost. */
export async function measureCpu(
  converse: Converse,
  cpuMs: () => Readonly<Record<string, number>>,
  options: {
    readonly what: string;
    readonly sessions: number;
    readonly speaking: boolean;
    readonly microphone: boolean;
    readonly seconds: number;
    readonly signal: AbortSignal;
  },
): Promise<CpuRun> {
  const { what, sessions, speaking, microphone, seconds, signal } = options;
  await using stack = new AsyncDisposableStack();
  for (let n = 0; n < sessions; n++) {
    const settings = { width: 0, height: 0, pacing: Pacing.LIVE, audioCodec: AudioCodec.PCM16, microphone, signal };
    const caller = stack.use(await Caller.connect(converse, settings));
    if (speaking) caller.microphone.send({ case: "text", value: { text: cpuText, language: "en" } });
  }
  await wait(settleMs, signal);
  const before = cpuMs();
  const startMs = performance.now();
  await wait(seconds * 1000, signal);
  const after = cpuMs();
  const wallMs = performance.now() - startMs;
  const percentPerSession = Object.fromEntries(
    Object.entries(after).map(([name, ms]) => [name, ((ms - (before[name] ?? 0)) / wallMs / sessions) * 100]),
  );
  return { what, percentPerSession, totalPercent: Object.values(percentPerSession).reduce((sum, percent) => sum + percent, 0) };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve) => setTimeout(resolve, ms));
}
