import { Track } from "@troupe/contracts";
import type { SpokenLine } from "../material/spoken-material.ts";
import type { LivePlatform } from "../platform/live-platform.ts";
import { audibleDb, marksHz, markWord } from "../protocol/marks.ts";
import { type Network, openNetwork } from "../protocol/network.ts";
import { ProtocolClient, type ServerEvent } from "../protocol/protocol-client.ts";

const size = 256;
/** A question: it is said back for about 17 s, in sentences, since a clause has 10 s to be spoken. */
const sentences = 6;
const wordsPerSentence = 6;
/** Who hears nothing for so long, though connected, asks again. */
const patienceMs = 4000;
const lookMs = 50;

/** A person whose questions, and so whose answers, hold nothing but the person's own mark. */
export interface MarkedPerson {
  readonly index: number;
  readonly client: ProtocolClient;
  readonly network: Network;
}

export async function connectPerson(
  platform: LivePlatform,
  index: number,
  { stack, signal }: { readonly stack: AsyncDisposableStack; readonly signal: AbortSignal },
): Promise<MarkedPerson> {
  const network = stack.use(await openNetwork(Number(new URL(platform.url).port)));
  const client = stack.use(await ProtocolClient.connect({ url: network.url, language: "en", size, signal }));
  return { index, client, network };
}

/** The moments at which something audible came. */
export function audibleAt({ units }: ProtocolClient, fromMs: number, toMs = Number.POSITIVE_INFINITY): readonly number[] {
  return units
    .of(Track.AUDIO, fromMs, toMs)
    .filter(({ levelDb }) => levelDb >= audibleDb)
    .map(({ nowMs }) => nowMs);
}

export function askMarked({ client, index }: MarkedPerson): void {
  const sentence = `${Array.from({ length: wordsPerSentence }, () => markWord(marksHz[index] ?? 0)).join(" ")}.`;
  client.type(Array.from({ length: sentences }, () => sentence).join(" "));
}

/** Asks again whenever an answer is over. @returns how many questions were not answered to the end, at least by another try of the platform */
export async function keepAsking(person: MarkedPerson, signal: AbortSignal): Promise<number> {
  let lost = 0;
  while (!signal.aborted) {
    const startMs = performance.now();
    askMarked(person);
    const outcome = await untilAnswered(person.client, startMs, signal);
    if (outcome === "lost") lost++;
  }
  person.client.send({ type: "troupe.interrupt" });
  return lost;
}

async function untilAnswered(client: ProtocolClient, startMs: number, signal: AbortSignal): Promise<"answered" | "lost" | "stopped"> {
  let waitingFromMs = startMs;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    if (signal.aborted) return "stopped";
    if (client.events.some((event) => event.nowMs > startMs && isWhole(event))) return "answered";
    const nowMs = performance.now();
    if (!client.connected) waitingFromMs = nowMs;
    waitingFromMs = Math.max(waitingFromMs, audibleAt(client, nowMs - patienceMs).at(-1) ?? 0);
    if (nowMs - waitingFromMs > patienceMs) return "lost";
  }
}

/** An answer presented to its end; excuses are not. */
function isWhole({ type, ...event }: ServerEvent): boolean {
  return (
    type === "troupe.response" && event["state"] === "done" && event["complete"] === true && /tone\d/u.test(String(event["heard_text"]))
  );
}

/**
 * Asks aloud; where no answer comes, again.
 * @returns how many times it was in vain, and when the answer came after the end of what was answered, ms
 */
export async function askAloudUntilAnswered(
  { client }: MarkedPerson,
  { samples }: SpokenLine,
  signal: AbortSignal,
): Promise<{ readonly lost: number; readonly answeredMs: number | undefined }> {
  const spokenMs = samples.length / 24;
  let lost = 0;
  for (; !signal.aborted; lost++) {
    client.speak(samples);
    const endMs = performance.now() + spokenMs;
    const answer = () => audibleAt(client, endMs)[0];
    while (answer() === undefined && performance.now() < endMs + patienceMs) await new Promise((resolve) => setTimeout(resolve, lookMs));
    const heardMs = answer();
    if (heardMs !== undefined) return { lost, answeredMs: heardMs - endMs };
  }
  return { lost, answeredMs: undefined };
}

/** From a typed question to the first sound of its answer; undefined: none in time. */
export async function answerTime(person: MarkedPerson, timeoutMs: number): Promise<number | undefined> {
  await new Promise((resolve) => setTimeout(resolve, 600));
  const startMs = performance.now();
  askMarked(person);
  let firstMs: number | undefined;
  while (firstMs === undefined && performance.now() < startMs + timeoutMs) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    [firstMs] = audibleAt(person.client, startMs);
  }
  person.client.send({ type: "troupe.interrupt" });
  return firstMs === undefined ? undefined : firstMs - startMs;
}
