import { dot, type Embedder, type EmbedOptions, type Persona, wordsOf } from "../knowledge/index.ts";

/** Finds the persona's answer to what is said to it as to a person. */
export interface SmallTalk {
  /** The answer to one or more of the persona's phrases, word for word. */
  exact(text: string): string | undefined;
  /** The answer to the phrase nearest in meaning, if it is near. */
  near(text: string, options: EmbedOptions): Promise<string | undefined>;
}

/** On the cosine of sentence embeddings; "what's your name" and "what is your name" have 0.93. */
const nearThreshold = 0.75;
const longestWords = 10;

export async function createSmallTalk(persona: Persona, embedder: Embedder, options: EmbedOptions): Promise<SmallTalk> {
  const phrases = persona.smallTalk.flatMap(({ said, answer }) => said.map((phrase) => ({ phrase: wordsOf(phrase).join(" "), answer })));
  const vectors = await embedder.embedKept(
    phrases.map(({ phrase }) => phrase),
    options,
  );
  const name = persona.name.toLowerCase();
  const ignored = new Set(["um", "uh", "er", "oh", "well", "please", "there", "so", name]);
  const answers = new Map(phrases.map(({ phrase, answer }) => [phrase, answer]));
  const longestPhrase = Math.max(0, ...phrases.map(({ phrase }) => phrase.split(" ").length));

  /** The answer to the last of the phrases that the words are made of; undefined when they are not. */
  function segment(words: readonly string[]): string | undefined {
    let answer: string | undefined;
    for (let at = 0; at < words.length; ) {
      const rest = words.slice(at, at + longestPhrase);
      while (rest.length > 0 && !answers.has(rest.join(" "))) rest.pop();
      if (rest.length === 0) return undefined;
      answer = answers.get(rest.join(" "));
      at += rest.length;
    }
    return answer;
  }

  return {
    exact(text) {
      const words = wordsOf(text).slice(0, longestWords * 2);
      return segment(words) ?? segment(words.filter((word) => !ignored.has(word)));
    },
    async near(text, nearOptions) {
      const words = wordsOf(text);
      if (words.length === 0 || words.length > longestWords || phrases.length === 0) return undefined;
      const [vector] = (await embedder.embed([words.join(" ")], nearOptions)) as [Float32Array];
      const scores = vectors.map((other) => dot(vector, other));
      const best = scores.indexOf(Math.max(...scores));
      return (scores[best] as number) >= nearThreshold ? phrases[best]?.answer : undefined;
    },
  };
}
