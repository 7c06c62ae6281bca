import { Track } from "@troupe/contracts";
import { type Report, step } from "@troupe/report";
import type { Part, PartContext } from "../part.ts";
import { ProtocolClient } from "../protocol/protocol-client.ts";
import { audibleDb, longestGapMs } from "../protocol/unit-log.ts";
import { cutNetwork, type Fault, faults } from "./faults.ts";

/** Words of the stub voice, which hums each at a pitch of its own; a session says nothing but its word. */
export const markedWords = [
  { word: "lulu", toneHz: 116 },
  { word: "baba", toneHz: 167 },
  { word: "koko", toneHz: 213 },
] as const;
const repeats = 70;
const settleMs = 1500;
const watchMs = 12_000;
const size = 256;
const answerMs = 20_000;
const againMs = 100;

/** What one session's person experienced of one fault. Milliseconds. */
interface Experience {
  readonly session: number;
  /** The longest time without anything said, of which the voice's own gaps are the base. */
  readonly silentMs: number;
  /** The longest time in which no sound, not even silence, and no picture came. */
  readonly soundGapMs: number;
  readonly pictureGapMs: number;
  /** Until a question asked right after the fault was answered. */
  readonly answeredMs: number | undefined;
  /** Until the client was told of it; undefined: it was not. */
  readonly toldMs: number | undefined;
  /** Until its connection was there again, where it was lost. */
  readonly resumedMs: number | undefined;
  readonly over: boolean;
}

interface FaultRun {
  readonly fault: string;
  readonly experiences: readonly Experience[];
}

export const failuresPart: Part = {
  name: "failures",
  description: "each service killed and restarted under three sessions, a network cut, nats-server restarted, the gateway rolled",
  limitS: () => 300,
  env: { TROUPE_TTS_BACKEND: "stub" },
  async run(context) {
    const { step: tell } = context;
    await using stack = new AsyncDisposableStack();
    let people = await connectAll(context, stack);
    const runs: FaultRun[] = [];
    for (const fault of faults) {
      if (people.some(({ client }) => !client.connected)) {
        tell("a session was lost; three new ones begin");
        people = await connectAll(context, stack);
      }
      const run = await experience(people, fault, context);
      runs.push(run);
      const worst = (of: (one: Experience) => number | undefined) =>
        Math.max(...run.experiences.map((one) => of(one) ?? Number.NaN)).toFixed(0);
      tell(
        `${fault.name}: silent ${worst(({ silentMs }) => silentMs)} ms, no picture ${worst(({ pictureGapMs }) => pictureGapMs)} ms, next answer ${worst(({ answeredMs }) => answeredMs)} ms, ended ${run.experiences.filter(({ over }) => over).length}`,
      );
      await context.keep(figuresOf(runs, people));
    }
    return { figures: figuresOf(runs, people), report: reportOf(runs, people) };
  },
};

interface Person {
  readonly client: ProtocolClient;
  readonly word: string;
  readonly index: number;
  /** Ends the talk that is kept up. */
  readonly stop: AbortController;
}

async function connectAll({ platform, signal }: PartContext, stack: AsyncDisposableStack): Promise<readonly Person[]> {
  return await Promise.all(
    markedWords.map(async ({ word }, index) => {
      const client = stack.use(await ProtocolClient.connect({ url: platform.url, language: "en", size, signal }));
      client.units.tonesHz = markedWords.map(({ toneHz }) => toneHz);
      return { client, word, index, stop: new AbortController() };
    }),
  );
}

/** Lets all three talk, does the fault, and watches. */
async function experience(people: readonly Person[], fault: Fault, context: PartContext): Promise<FaultRun> {
  const stop = new AbortController();
  const talks = people.map((person) => keepTalking(person, stop.signal));
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const startMs = performance.now();
  const done = fault.inflict({ ...context, clients: people.map(({ client }) => client) });
  await new Promise((resolve) => setTimeout(resolve, watchMs));
  const resumedMs = await done.catch((thrown: unknown) => {
    step(`${fault.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return [];
  });
  const endMs = performance.now();
  stop.abort();
  await Promise.all(talks);
  const answered = await Promise.all(people.map(({ client }) => answerTime(client)));
  const experiences = people.map(({ client, index }) => {
    const { units, events } = client;
    const arrivals = (track: Track, audible: boolean) =>
      units
        .of(track, startMs - 500, endMs)
        .filter(({ levelDb }) => !audible || levelDb >= audibleDb)
        .map(({ nowMs }) => nowMs);
    const after = events.filter(({ nowMs }) => nowMs >= startMs && nowMs <= endMs);
    const told = after.find(({ type }) => ["troupe.error", "troupe.moved", "troupe.notice", "error", "client.closed"].includes(type));
    return {
      session: index + 1,
      silentMs: longestGapMs(arrivals(Track.AUDIO, true), startMs, endMs),
      soundGapMs: longestGapMs(arrivals(Track.AUDIO, false), startMs, endMs),
      pictureGapMs: longestGapMs(arrivals(Track.VIDEO, false), startMs, endMs),
      answeredMs: answered[index],
      toldMs: told && told.nowMs - startMs,
      resumedMs: resumedMs[index],
      over: after.some(({ type }) => type === "troupe.ended") || !client.connected,
    };
  });
  return { fault: fault.name, experiences };
}

/** Says the session's word again whenever nothing is being said. */
async function keepTalking({ client, word }: Person, signal: AbortSignal): Promise<void> {
  const text = `${Array.from({ length: repeats }, () => word).join(" ")}.`;
  while (!signal.aborted) {
    const startMs = performance.now();
    client.say(text);
    const isOver = () =>
      client.events.some(
        ({ type, nowMs, ...event }) =>
          nowMs > startMs && (type === "troupe.cancelled" || (type === "troupe.response" && event["state"] === "done")),
      );
    while (!signal.aborted && !isOver()) await new Promise((resolve) => setTimeout(resolve, againMs));
  }
  client.send({ type: "troupe.interrupt" });
}

/** From a typed question to the first sound of its answer; undefined: none in time. */
async function answerTime(client: ProtocolClient): Promise<number | undefined> {
  await new Promise((resolve) => setTimeout(resolve, 600));
  const startMs = performance.now();
  client.type("When are you open on Sundays?");
  try {
    const begun = await client.event(
      ({ type, nowMs, ...event }) => type === "troupe.response" && nowMs > startMs && event["state"] === "started",
      answerMs,
      "an answer",
    );
    return begun.nowMs - startMs;
  } catch {
    return undefined;
  } finally {
    client.send({ type: "troupe.interrupt" });
  }
}

/** Units in which a session heard another's tone, and all in which it heard one, while only the words were said. */
function mixed(people: readonly Person[]) {
  const toned = people.flatMap(({ client, index }) => {
    const said = new Set(
      client.events
        .filter(
          ({ type, ...event }) => type === "troupe.response.text" && String(event["text"]).startsWith(markedWords[index]?.word ?? "?"),
        )
        .map((event) => event["response"]),
    );
    return client.units.units.filter(({ tone, response }) => tone >= 0 && said.has(response)).map(({ tone }) => tone === index);
  });
  return { units: toned.length, foreign: toned.filter((own) => !own).length };
}

const figuresOf = (runs: readonly FaultRun[], people: readonly Person[]) => ({
  failures: runs,
  mixing: mixed(people),
  reconnect: runs.find(({ fault }) => fault === cutNetwork.name) ?? null,
});

function reportOf(runs: readonly FaultRun[], people: readonly Person[]): Report {
  const worst = (run: FaultRun, of: (one: Experience) => number | undefined) => {
    const values = run.experiences.map(of).filter((value) => value !== undefined);
    return values.length === 0 ? "-" : Math.max(...values).toFixed(0);
  };
  const { units, foreign } = mixed(people);
  return {
    title: "Failures under live sessions",
    method: [
      `Three sessions at the Realtime socket, gateway and stages as processes, real models but for the voice: the stub hums each word at its own pitch, and each session says one word over and over, so that its sound is marked (${markedWords.map(({ toneHz }) => toneHz).join(", ")} Hz). A process is killed with SIGKILL and started again at once; the sessions are watched for ${watchMs / 1000} s, then each asks a question. Figures are the worst of the three sessions.`,
      "Said nothing: the longest time between two units in which the session's voice is heard, the repetition of the sentence included (the session says it anew when its answer ended). No sound, no picture: between two units of any content.",
    ],
    tables: [
      {
        title: "Milliseconds, worst of three sessions",
        head: ["fault", "told after", "said nothing", "no sound", "no picture", "connection back", "next answer", "sessions over"],
        rows: runs.map((run) => [
          run.fault,
          worst(run, ({ toldMs }) => toldMs),
          worst(run, ({ silentMs }) => silentMs),
          worst(run, ({ soundGapMs }) => soundGapMs),
          worst(run, ({ pictureGapMs }) => pictureGapMs),
          worst(run, ({ resumedMs }) => resumedMs),
          worst(run, ({ answeredMs }) => answeredMs),
          run.experiences.filter(({ over }) => over).length,
        ]),
      },
    ],
    aims: [
      { what: "units with another session's tone", aim: "0", measured: `${foreign} of ${units}`, met: foreign === 0 && units > 0 },
      {
        what: "sessions that live on",
        aim: "all",
        measured: `${runs.flatMap(({ experiences }) => experiences).filter(({ over }) => !over).length} of ${runs.length * markedWords.length}`,
        met: runs.every(({ experiences }) => experiences.every(({ over }) => !over)),
      },
    ],
    raw: { runs, mixing: { units, foreign } },
  };
}
