import { loadVoices } from "@troupe/tts/backends";
import type { Score } from "../score.ts";
import { type AsrContext, promptSetName, promptUtterance, sampleRateHz, spread } from "./area-context.ts";
import { englishWords } from "./english-words.ts";
import { pinkNoise } from "./noise.ts";
import { type Recognised, rateOf, recogniseSet, transcribe, type Utterance } from "./recognise-set.ts";
import { speak } from "./synthetic-speech.ts";

/** Names that the prompts say. */
const spoken = ["Asterisk", "Digium", "DAHDI", "IAX", "PBX", "IVR", "Unistim", "MGCP", "Waldo", "Jingle", "Skinny", "Comedian Mail"];
/** Names that they don't, to fill the list up to its limit. */
const unspoken = (
  "Okonkwo Marisela Thibault Kowalczyk Szczepan Yevgenia Rasmussen Abernathy Delacroix Fitzwilliam Guadalupe Hyacinth Ingeborg Jacqueline " +
  "Kristoffer Leopold Magdalena Nathaniel Ophelia Penelope Quentin Rosalind Sebastian Theodora Ursula Valentina Wilhelmina Xanthippe Yolanda " +
  "Zacharias Bartholomew Cornelius Demetrius Evangeline Ferdinand Gwendolyn Hildegard Isidora Jebediah Katarzyna Lysander Montgomery Nikolai " +
  "Octavian Persephone Quillon Reginald Seraphina Tobias Ulysses Vladimir Winifred Ximena Yaroslav Zephyrine Ashworth Blackwood Carmichael " +
  "Dunsmore Ellsworth Fairbanks Greenleaf Hawthorne Ironside Juniper Kingsley Lockhart Merriweather Northcott Oakenshaw Pemberton Quarles " +
  "Ravenscroft Silverton Thornbury Underhill Vanderbilt Westbrook Yarborough Zimmerman Arbuthnot Brackenbury Cholmondeley Dalrymple"
).split(" ");

/** Names with and without being told them; and what a long list of names does to prompts that say none of them, and to noise. */
export async function* measureHotWords(context: AsrContext): AsyncIterable<Score> {
  await using backend = await context.open("whisper-tiny-en");
  const run = { backend, signal: context.signal, language: "en", tokens: englishWords };
  const pattern = new RegExp(`\\b(?:${spoken.join("|")})\\b`, "i");
  const named = context.prompts.filter(({ text }) => pattern.test(text)).map(promptUtterance);
  const plain = spread(
    context.prompts.filter(({ text }) => !pattern.test(text) && text.split(" ").length >= 3),
    80,
  ).map(promptUtterance);
  const hotWords = [...spoken, ...unspoken].slice(0, 100);
  const without = await recogniseSet(named, run);
  const withWords = await recogniseSet(named, { ...run, hotWords });
  const misled = await recogniseSet(named, { ...run, hotWords: unspoken });
  yield {
    id: "hot-words-recall",
    what: "names heard right when they are among 100 hot words, whisper-tiny-en",
    set: { name: promptSetName, kind: "human", size: `${named.length} prompts with ${nameCount(named)} names` },
    value: recall(withWords),
    unit: "%",
    better: "higher",
    baseline: { name: "without hot words", value: recall(without) },
    control: { name: "other names as hot words", value: recall(misled) },
    note: `The bonus was tuned on these prompts. Word error rate: ${rateOf(without).toFixed(1)} % without, ${rateOf(withWords).toFixed(1)} % with.`,
  };
  const plainWithout = await recogniseSet(plain, run);
  const plainWith = await recogniseSet(plain, { ...run, hotWords: unspoken });
  const wrong = plainWith.flatMap(({ hypothesis }) => hypothesis).filter((word) => unspokenWords.has(word)).length;
  yield {
    id: "hot-words-harm",
    what: "word error rate of prompts that say none of the hot words given, whisper-tiny-en",
    set: { name: promptSetName, kind: "human", size: `${plain.length} prompts` },
    value: rateOf(plainWith),
    unit: "%",
    better: "lower",
    baseline: { name: "without hot words", value: rateOf(plainWithout) },
    note: `${wrong} hot words were written that nobody said.`,
  };
  yield* measureSyntheticNames(context, run, hotWords);
  let heard = 0;
  for (let piece = 0; piece < 15; piece++) {
    const noise = pinkNoise(4 * sampleRateHz, piece).map((value) => value * 0.02);
    heard += (await transcribe(noise, { ...run, hotWords })).words.length;
  }
  yield {
    id: "hot-words-noise",
    what: "words heard in 60 s of pink noise with 100 hot words",
    set: { name: "pink noise", kind: "synthetic", size: "15 pieces of 4 s" },
    value: heard,
    unit: "words",
    better: "lower",
    aim: 0,
  };
}

/** The bonus was tuned on the prompts above, so that names of other people in another voice tell more. */
async function* measureSyntheticNames(
  context: AsrContext,
  run: Parameters<typeof recogniseSet>[1],
  hotWords: readonly string[],
): AsyncIterable<Score> {
  const options = { store: context.models, allowMissing: false, preload: true, threads: 1, warn: context.step };
  const { backend: tts } = await loadVoices({ ...options, models: ["default-tts-en"] });
  await using _ = tts;
  const voice = tts.voices[0]?.id ?? "";
  const names = unspoken.slice(0, 40);
  const utterances: Utterance[] = [];
  for (const [index, name] of names.entries()) {
    const text = (carriers[index % carriers.length] as string).replace("NAME", name);
    const samples = await speak(tts, { text, language: "en-US", voice }, context.cacheDir);
    utterances.push({ id: name, samples, reference: englishWords(text) });
  }
  const without = await recogniseSet(utterances, run);
  const withWords = await recogniseSet(utterances, { ...run, hotWords });
  const misled = await recogniseSet(utterances, { ...run, hotWords: spoken });
  const share = (found: readonly Recognised[]) => {
    const right = found.filter(({ utterance, hypothesis }) => hypothesis.join(" ").includes(englishWords(utterance.id).join(" ")));
    return (100 * right.length) / found.length;
  };
  yield {
    id: "hot-words-names",
    what: "rare names heard right when they are among 100 hot words, whisper-tiny-en",
    set: {
      name: "own sentences, spoken by the default English voice",
      kind: "synthetic",
      size: `${utterances.length} sentences and names`,
    },
    value: share(withWords),
    unit: "%",
    better: "higher",
    baseline: { name: "without hot words", value: share(without) },
    control: { name: "other names as hot words", value: share(misled) },
    note: `Word error rate: ${rateOf(without).toFixed(1)} % without, ${rateOf(withWords).toFixed(1)} % with. How the voice says such names is a guess itself.`,
  };
}

const carriers = [
  "Please connect me to NAME.",
  "I have an appointment with NAME at noon.",
  "Is NAME in the office today?",
  "Could you leave a message for NAME?",
];

const unspokenWords = new Set(unspoken.flatMap(englishWords));
const spokenWords = new Set(spoken.flatMap(englishWords));

const nameCount = (utterances: readonly { readonly reference: readonly string[] }[]) =>
  utterances.reduce((sum, { reference }) => sum + reference.filter((word) => spokenWords.has(word)).length, 0);

/** Share of the names in the references that stand in the hypotheses. */
function recall(found: readonly Recognised[]): number {
  let right = 0;
  for (const { utterance, hypothesis } of found) {
    const left = [...hypothesis];
    for (const word of utterance.reference) {
      if (!spokenWords.has(word) || !left.includes(word)) continue;
      left.splice(left.indexOf(word), 1);
      right++;
    }
  }
  return (100 * right) / nameCount(found.map(({ utterance }) => utterance));
}
