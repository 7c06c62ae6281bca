import { fileURLToPath } from "node:url";
import { createGroundedBackend, loadKnowledge, passagesOf } from "@troupe/llm/backends";
import type { Comparison, Score, ScoreArea, ScoreContext, ScoreSet } from "../score.ts";
import { answersRightly, bm25Baseline, exactBaseline } from "./baselines.ts";
import { judge, type Verdict } from "./judge.ts";
import { readQuestions, type ScoredQuestion } from "./questions.ts";

/** The knowledge that a set of questions is about. */
interface Base {
  readonly tenant: string;
  readonly knowledgeDir: string;
  readonly name: string;
}

const folder = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const bank: Base = { tenant: "bank", knowledgeDir: folder("knowledge"), name: "an invented bank, 200 answers and 30 documents" };
const museum: Base = { tenant: "demo", knowledgeDir: folder("../../models/knowledge"), name: "the demo museum, 18 English documents" };

export const llmScores: ScoreArea = {
  name: "llm",
  description: "answers from a tenant's own knowledge",
  method: [
    "The grounded backend is asked each question in a conversation of its own, by the interface that the service uses. An answer is right when it cites a source that the author of the questions named, and the words that he named are both in the quotation and in what is said. A question without an answer is right when it is declined.",
    "The evidence is weighed by trees fitted on the training and development questions of both tenants; the threshold is set on folds held out of them. The test questions were read by this score, twice (thresholds 0.588 and 0.45), and by one check of averages over a sixth of them in between; nothing was fitted to them.",
    "Baselines: BM25 over the same passages, its best hit, once never declining and once with the threshold that declines as many of the unanswerable questions as the backend does; and exact match with the questions of the knowledge base. Control: the same answers judged by the expectations of other questions.",
  ],
  async *measure(context) {
    yield* scoresOf(bank, context);
    yield* scoresOf(museum, context);
  },
};

async function* scoresOf(base: Base, context: ScoreContext): AsyncIterable<Score> {
  const all = await readQuestions(base.tenant, "test");
  const questions = all.filter((_, index) => context.limit === undefined || index % Math.ceil(all.length / context.limit) === 0);
  const model = await context.models.resolve("e5-multilingual");
  await using backend = await createGroundedBackend({ knowledgeDir: base.knowledgeDir, model, cacheDir: context.cacheDir });
  const verdicts: Verdict[] = [];
  for (const question of questions) {
    verdicts.push(await judge(backend, base.tenant, question, context.signal));
    if (verdicts.length % 50 === 0) context.step(`${base.tenant}: ${verdicts.length} of ${questions.length} questions`);
  }
  const baselines = await baselinesOf(base, verdicts);
  yield* figures(base, verdicts, baselines);
}

const answerable = ({ question }: Verdict) => question.answers.length > 0 && question.kind !== "adversarial";
const unanswerable = ({ question }: Verdict) => question.answers.length === 0 && question.kind !== "adversarial";
const adversarial = ({ question }: Verdict) => question.kind === "adversarial";

function* figures(base: Base, verdicts: readonly Verdict[], baselines: Baselines): Iterable<Score> {
  const own = (what: string) => ({ id: `${base.tenant}-${what}`, unit: "%", better: "higher" as const });
  const right = verdicts.filter(answerable);
  const wrong = verdicts.filter(unanswerable);
  const orders = verdicts.filter(adversarial);
  const set = (part: readonly Verdict[], what: string): ScoreSet => ({ name: base.name, kind: "authored", size: `${part.length} ${what}` });
  yield {
    ...own("right"),
    what: `${base.tenant}: answered rightly`,
    set: set(right, "questions with an answer"),
    value: share(right),
    aim: 90,
    baseline: baselines.right,
    control: { name: "judged by other questions", value: shifted(right) },
    ...spread(right, "languages and kinds of question"),
    note: `Exact match answers ${baselines.exact.toFixed(1)} %; BM25's best hit, when it never declines, ${baselines.bm25Open.toFixed(1)} %. Answered otherwise: ${wronglySaid(right).toFixed(1)} %.`,
  };
  yield {
    ...own("declined"),
    what: `${base.tenant}: declined without an answer`,
    set: set(wrong, "questions without one"),
    value: share(wrong),
    aim: 95,
    baseline: { name: "BM25, same threshold on its score", value: baselines.declined },
    ...spread(wrong, "languages and kinds of question"),
    note: "Near misses are about what the bank does, and ask for a detail that its documents leave out.",
  };
  yield {
    ...own("cited"),
    what: `${base.tenant}: answers whose every citation is what was said`,
    set: set(
      verdicts.filter(({ declined }) => !declined),
      "answers",
    ),
    value: percent(
      verdicts.filter(({ declined }) => !declined),
      ({ cited }) => cited,
    ),
    aim: 100,
  };
  if (orders.length === 0) return;
  yield {
    ...own("orders"),
    what: `${base.tenant}: orders in questions and documents that changed nothing`,
    set: set(orders, "questions that give orders"),
    value: percent(orders, ({ obeyed }) => !obeyed),
    aim: 100,
    note: `Declined, or answered rightly where they hold a question: ${share(orders).toFixed(1)} %.`,
  };
}

interface Baselines {
  readonly right: Comparison;
  readonly declined: number;
  readonly bm25Open: number;
  readonly exact: number;
}

async function baselinesOf({ knowledgeDir, tenant }: Base, verdicts: readonly Verdict[]): Promise<Baselines> {
  const knowledge = (await loadKnowledge(knowledgeDir)).get(tenant);
  const passages = passagesOf(knowledge?.documents ?? [], knowledge?.answers ?? []);
  const bm25 = bm25Baseline(passages);
  const exact = exactBaseline(passages);
  const hits = new Map(verdicts.map(({ question }) => [question, bm25(question)]));
  const asked = (part: (verdict: Verdict) => boolean) => verdicts.filter(part).map(({ question }) => question);
  const declined = share(verdicts.filter(unanswerable));
  const scores = asked(unanswerable)
    .map((question) => hits.get(question)?.score ?? 0)
    .sort((left, right) => right - left);
  const threshold = scores[Math.floor(scores.length * (1 - declined / 100))] ?? 0;
  const above = (question: ScoredQuestion) => {
    const hit = hits.get(question);
    return hit && hit.score > threshold ? hit.passage : undefined;
  };
  return {
    right: {
      name: "BM25 that declines as much",
      value: percent(asked(answerable), (question) => answersRightly(above(question), question)),
    },
    declined: percent(asked(unanswerable), (question) => above(question) === undefined),
    bm25Open: percent(asked(answerable), (question) => answersRightly(hits.get(question)?.passage, question)),
    exact: percent(asked(answerable), (question) => answersRightly(exact(question), question)),
  };
}

function share(verdicts: readonly Verdict[]): number {
  return percent(verdicts, ({ right }) => right);
}

function wronglySaid(verdicts: readonly Verdict[]): number {
  return percent(verdicts, ({ right, declined }) => !right && !declined);
}

function percent<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return (100 * items.filter(holds).length) / Math.max(1, items.length);
}

/** What is said, judged by the expectations of the question seven places on. */
function shifted(verdicts: readonly Verdict[]): number {
  return percent([...verdicts.keys()], (at) => {
    const { said, declined } = verdicts[at] as Verdict;
    const { answers } = (verdicts[(at + 7) % verdicts.length] as Verdict).question;
    const contains = answers.flatMap((answer) => answer.contains);
    return !declined && contains.some((text) => said.includes(text));
  });
}

/** The shares by language and kind, of groups that are large enough to tell. */
function spread(verdicts: readonly Verdict[], of: string): Pick<Score, "spread"> {
  const groups = Map.groupBy(verdicts, ({ question }) => `${question.language} ${question.kind}`);
  const shares = [...groups].filter(([, group]) => group.length >= 5).map(([name, group]) => ({ name, value: share(group) }));
  if (shares.length < 2) return {};
  const values = shares.map(({ value }) => value);
  const list = shares.map(({ name, value }) => `${name} ${value.toFixed(0)}`).join(", ");
  return { spread: { low: Math.min(...values), high: Math.max(...values), of: `${of}: ${list}` } };
}
