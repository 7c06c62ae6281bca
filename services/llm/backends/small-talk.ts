import { dot, type Embedder, type EmbedOptions, foldText, type PersonaLines, wordsOf } from "../knowledge/index.ts";
import type { SpokenDelivery } from "./backend.ts";

export interface SmallTalkAnswer {
  readonly answer: string;
  readonly delivery?: SpokenDelivery | undefined;
}

/** Finds the persona's answer to what is said to it as to a person. */
export interface SmallTalk {
  /** The answer to one or more of the persona's phrases, word for word. */
  exact(text: string): SmallTalkAnswer | undefined;
  /** The answer to the phrase nearest in meaning, if it is near. */
  near(text: string, options: EmbedOptions): Promise<SmallTalkAnswer | undefined>;
}

/** On the cosine of sentence embeddings. */
const nearThreshold = 0.93;
const longestUnits = 20;
const ignoredUnits = "um uh er oh well please there so 嗯 呃 哦 啊 呀 吧 呢 啦 请 那 好 的 了".split(" ");

export async function createSmallTalk(
  name: string,
  smallTalk: PersonaLines["smallTalk"],
  embedder: Embedder,
  options: EmbedOptions,
): Promise<SmallTalk> {
  const phrases = smallTalk.flatMap(({ said, ...answer }) => said.map((phrase) => ({ phrase, units: unitsOf(phrase), answer })));
  const vectors = await embedder.embedKept(
    phrases.map(({ phrase }) => foldText(phrase)),
    "question",
    options,
  );
  const ignored = new Set([...ignoredUnits, ...unitsOf(name)]);
  const keyOf = (units: readonly string[]) => units.join(" ");
  const answers = new Map(phrases.map(({ units, answer }) => [keyOf(units), answer]));
  const longestPhrase = Math.max(0, ...phrases.map(({ units }) => units.length));

  /** The answer to the last of the phrases that the units are made of; undefined when they are not. */
  function segment(units: readonly string[]): SmallTalkAnswer | undefined {
    let answer: SmallTalkAnswer | undefined;
    for (let at = 0; at < units.length; ) {
      const rest = units.slice(at, at + longestPhrase);
      while (rest.length > 0 && !answers.has(keyOf(rest))) rest.pop();
      if (rest.length === 0) return undefined;
      answer = answers.get(keyOf(rest));
      at += rest.length;
    }
    return answer;
  }

  return {
    exact(text) {
      const units = unitsOf(text).slice(0, longestUnits * 2);
      return segment(units) ?? segment(units.filter((unit) => !ignored.has(unit)));
    },
    async near(text, nearOptions) {
      const units = unitsOf(text);
      if (units.length === 0 || units.length > longestUnits || phrases.length === 0) return undefined;
      const [vector] = (await embedder.embed([foldText(text)], "question", nearOptions)) as [Float32Array];
      const scores = vectors.map((other) => dot(vector, other));
      const best = scores.indexOf(Math.max(...scores));
      return (scores[best] as number) >= nearThreshold ? phrases[best]?.answer : undefined;
    },
  };
}

/** Words; Chinese character by character, since where its words end depends on what stands beside them. */
function unitsOf(text: string): string[] {
  return wordsOf(text).flatMap((word) => (/\p{Script=Han}/u.test(word) ? [...word] : [word]));
}
