/** A stretch of a clause in one script. */
export interface LanguageRun {
  readonly text: string;
  /** Whether it is Chinese. */
  readonly isHan: boolean;
}

/** A clause that changes its script more often is not cut: each run costs an inference of its own. */
const mostRuns = 12;
const hanRun = /\p{N}*[\p{Script=Han}〇](?:[\p{N}\p{P}\s]*[\p{Script=Han}〇])*[\p{P}\s]*/gu;

/**
 * Cuts text into Chinese runs and the rest, in order; what is neither letter nor digit goes with the run before it. A text of one script, or
 * one that changes it more than a dozen times, is one run.
 */
export function cutLanguageRuns(text: string): readonly LanguageRun[] {
  const runs: { text: string; isHan: boolean }[] = [];
  const push = (part: string, isHan: boolean) => {
    const last = runs.at(-1);
    if (part === "") return;
    if (last && !/[\p{L}\p{N}]/u.test(part)) last.text += part;
    else runs.push({ text: part, isHan });
  };
  let from = 0;
  for (const { 0: run, index } of text.matchAll(hanRun)) {
    push(text.slice(from, index), false);
    push(run, true);
    from = index + run.length;
  }
  push(text.slice(from), false);
  const only = runs.every(({ isHan }) => isHan);
  return runs.length > mostRuns || runs.length < 2 ? [{ text, isHan: only && runs.length > 0 }] : runs;
}
