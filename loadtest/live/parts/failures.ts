import { Track } from "@troupe/contracts";
import { englishQuestions } from "../material/questions.ts";
import { linesOf, type SpokenLine, speakLines } from "../material/spoken-material.ts";
import type { Part, PartContext } from "../part.ts";
import { addCounts, countMarks, marksHz } from "../protocol/marks.ts";
import { longestGap } from "../protocol/unit-log.ts";
import { type Experience, type FaultRun, figuresOf, reportOf, summaryOf } from "./failures-report.ts";
import { type Fault, faults } from "./faults.ts";
import { listenAlone, swapUnits } from "./mark-controls.ts";
import { answerTime, askAloudUntilAnswered, askMarked, audibleAt, connectPerson, keepAsking, type MarkedPerson } from "./marked-person.ts";

const settleMs = 1500;
/** Of the question that is being asked aloud, when it happens. */
const intoSpeechMs = 700;
const answerMs = 20_000;

export const failuresPart: Part = {
  name: "failures",
  description: "each service killed and restarted under three sessions, a network cut, nats-server restarted, the gateway rolled",
  limitS: () => 420,
  env: { TROUPE_TTS_BACKEND: "stub", TROUPE_LLM_BACKEND: "stub" },
  async run(context) {
    const [line] = await speakLines(linesOf(englishQuestions.slice(0, 1), "en"));
    const alone = await controlAlone(context);
    context.step(`control, one session alone: ${alone.foreign} of ${alone.audible} units foreign`);
    await using stack = new AsyncDisposableStack();
    let people = await connectAll(context, stack);
    const swapped = await swapUnits(people[0] as MarkedPerson, people[1] as MarkedPerson);
    context.step(`control, two sessions swapped: ${swapped.foreign} of ${swapped.audible} units foreign, ${swapped.unmarked} unmarked`);
    const runs: FaultRun[] = [];
    for (const fault of faults) {
      if (people.some(({ client }) => client.over)) {
        context.step("a session was lost; three new ones begin");
        people = await connectAll(context, stack);
      }
      const run = await experience(people, fault, { ...context, line: line as SpokenLine });
      runs.push(run);
      context.step(summaryOf(run));
      await context.keep(figuresOf(runs, { alone, swapped }));
    }
    return { figures: figuresOf(runs, { alone, swapped }), report: reportOf(runs, { alone, swapped }) };
  },
};

async function controlAlone({ platform, signal }: PartContext) {
  await using stack = new AsyncDisposableStack();
  return await listenAlone(await connectPerson(platform, 0, { stack, signal }));
}

async function connectAll({ platform, signal }: PartContext, stack: AsyncDisposableStack): Promise<readonly MarkedPerson[]> {
  return await Promise.all(marksHz.map((_, index) => connectPerson(platform, index, { stack, signal })));
}

/** Lets all three talk, does the fault, and watches. */
async function experience(
  people: readonly MarkedPerson[],
  fault: Fault,
  context: PartContext & { readonly line: SpokenLine },
): Promise<FaultRun> {
  const stop = new AbortController();
  const beginMs = performance.now();
  const talks = people.map((person) => talk(person, fault, { line: context.line, signal: stop.signal }));
  await pause(fault.amid === "speaking" ? intoSpeechMs : settleMs);
  const startMs = performance.now();
  const inflicted = fault
    .inflict({ ...context, networks: people.map(({ network }) => network) })
    .then(() => performance.now() - startMs)
    .catch((thrown: unknown) => void context.step(`${fault.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`));
  if (fault.amid === "asked") for (const person of people) askAnew(person);
  await pause(fault.watchMs);
  const wholeMs = await inflicted;
  const endMs = performance.now();
  stop.abort();
  const talked = await Promise.all(talks);
  const nextMs = await Promise.all(people.map((person) => answerTime(person, answerMs)));
  const experiences = people.map((person, n) => ({
    ...observed(person, startMs, endMs),
    ...(talked[n] as Talked),
    nextMs: nextMs[n],
  }));
  const marks = addCounts(people.map(({ client, index }) => countMarks(client.units.of(Track.AUDIO, beginMs), index)));
  return { fault: fault.name, amid: fault.amid, wholeMs, experiences, marks };
}

type Talked = Pick<Experience, "lostTurns" | "aloudMs">;

async function talk(
  person: MarkedPerson,
  fault: Fault,
  { line, signal }: { readonly line: SpokenLine; readonly signal: AbortSignal },
): Promise<Talked> {
  if (fault.amid !== "speaking") return { lostTurns: await keepAsking(person, signal), aloudMs: undefined };
  const { lost, answeredMs } = await askAloudUntilAnswered(person, line, signal);
  return { lostTurns: lost, aloudMs: answeredMs };
}

function askAnew(person: MarkedPerson): void {
  person.client.send({ type: "troupe.interrupt" });
  askMarked(person);
}

const toldBy: ReadonlySet<string> = new Set(["troupe.error", "troupe.moved", "troupe.notice", "error", "client.lost", "troupe.ended"]);

function observed({ client, index }: MarkedPerson, startMs: number, endMs: number) {
  const silent = longestGap(audibleAt(client, startMs, endMs), startMs, endMs);
  const frozen = longestGap(
    client.units.of(Track.VIDEO, startMs, endMs).map(({ nowMs }) => nowMs),
    startMs,
    endMs,
  );
  const after = client.events.filter(({ nowMs }) => nowMs >= startMs && nowMs <= endMs);
  const since = (nowMs: number | undefined) => (nowMs === undefined ? undefined : nowMs - startMs);
  return {
    session: index + 1,
    silentMs: silent.endMs - silent.startMs,
    heardAgainMs: silent.endMs < endMs ? silent.endMs - startMs : undefined,
    frozenMs: frozen.endMs - frozen.startMs,
    toldMs: since(after.find(({ type }) => toldBy.has(type))?.nowMs),
    told: [
      ...new Set(after.filter(({ type }) => toldBy.has(type)).map(({ type, ...event }) => event["code"] ?? event["kind"] ?? type)),
    ].map(String),
    lostMs: since(after.find(({ type }) => type === "client.lost")?.nowMs),
    backMs: since(after.findLast(({ type }) => type === "client.resumed")?.nowMs),
    over: client.over,
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
