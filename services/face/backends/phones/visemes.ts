/** The parts of the mouth that move from phone to phone; each 0..1. */
export const mouthParts = ["jaw", "pucker", "funnel", "wide", "upperUp", "lowerDown", "tongue"] as const;
export type MouthPart = (typeof mouthParts)[number];

/** Lip contacts that a phone must reach whatever its neighbours do. */
export type Contact = "lips" | "teeth";

/** From..to; a single value is a range of its own. */
type Range = number | readonly [number, number];

export interface Viseme {
  /** Where the phone wants a part; a part that is missing is left to the neighbours. */
  readonly ranges: Readonly<Partial<Record<MouthPart, readonly [number, number]>>>;
  /** How much it insists against its neighbours, 0..1. */
  readonly dominance: number;
  readonly contact?: Contact;
}

function viseme(dominance: number, ranges: Partial<Record<MouthPart, Range>>, contact?: Contact): Viseme {
  const pairs = Object.entries(ranges).map(([part, range]) => [part, typeof range === "number" ? [range, range] : range] as const);
  return { ranges: Object.fromEntries(pairs), dominance, ...(contact && { contact }) };
}

const unrounded = { pucker: [0, 0.06], funnel: [0, 0.08], tongue: 0 } as const;
const vowel = (ranges: Partial<Record<MouthPart, Range>>) => viseme(1, { ...unrounded, ...ranges });
const rounded = (ranges: Partial<Record<MouthPart, Range>>) =>
  viseme(1, { wide: [0, 0.05], upperUp: [0, 0.04], lowerDown: [0, 0.06], tongue: 0, ...ranges });

const open = vowel({ jaw: [0.42, 0.56], wide: [0, 0.3], lowerDown: [0.15, 0.3], upperUp: [0.08, 0.15] });
const alveolar = viseme(0.5, { jaw: [0.06, 0.2], tongue: 0 });
const sibilant = viseme(0.9, { jaw: [0.04, 0.1], wide: [0.3, 0.5], lowerDown: [0.18, 0.28], upperUp: [0.08, 0.14], ...unrounded });
const postalveolar = viseme(0.9, { jaw: [0.06, 0.12], funnel: [0.4, 0.6], pucker: [0.25, 0.4], upperUp: 0.12, lowerDown: 0.12, wide: 0 });
const alveolopalatal = viseme(0.9, { jaw: [0.05, 0.12], wide: [0.4, 0.6], lowerDown: 0.2, upperUp: 0.1, ...unrounded });
const retroflex = viseme(0.5, { jaw: [0.06, 0.14], lowerDown: 0.16, upperUp: 0.1, pucker: [0.1, 0.7] });
const dental = viseme(0.6, { jaw: [0.08, 0.16], tongue: 0.16 });
const velar = viseme(0.3, { jaw: [0.1, 0.3], tongue: 0 });
const rhotic = viseme(0.9, { jaw: [0.1, 0.18], pucker: [0.3, 0.45], funnel: [0.25, 0.4], wide: 0 });
const closeRounded = { jaw: [0.06, 0.12], funnel: [0.2, 0.3], pucker: [0.7, 0.85] } as const;
const closeSpread = { jaw: [0.08, 0.15], wide: [0.56, 0.74], lowerDown: [0.12, 0.2], upperUp: [0.05, 0.1] } as const;
const apical = vowel({ jaw: [0.05, 0.1], wide: [0.3, 0.45], lowerDown: 0.2, upperUp: 0.08 });

/**
 * Mouth shapes of the phones of English and Mandarin, by IPA letter: jaw height, rounding and spreading after the vowel chart and the
 * articulation of consonants (Ladefoged & Johnson, A Course in Phonetics; Lee & Zee, Standard Chinese, JIPA 2003), in amounts that
 * read well on ARKit shapes.
 */
const visemes: ReadonlyMap<string, Viseme> = new Map<string, Viseme>([
  ...each("ɑ a", open),
  ...each("æ", vowel({ jaw: [0.4, 0.5], wide: [0.15, 0.4], lowerDown: [0.2, 0.3], upperUp: [0.1, 0.15] })),
  ...each("ɐ ʌ", vowel({ jaw: [0.24, 0.34], wide: [0, 0.25], lowerDown: [0.1, 0.2] })),
  ...each("ɛ", vowel({ jaw: [0.22, 0.3], wide: [0.15, 0.35], lowerDown: [0.1, 0.2], upperUp: [0.05, 0.1] })),
  ...each("e", vowel({ jaw: [0.18, 0.26], wide: [0.2, 0.42], lowerDown: [0.1, 0.16] })),
  ...each("ɤ", vowel({ jaw: [0.18, 0.28], wide: [0.05, 0.25], lowerDown: [0.1, 0.18] })),
  ...each("ə ɘ ᵊ", viseme(0.7, { ...unrounded, jaw: [0.15, 0.28], wide: [0, 0.3] })),
  ...each("ɪ", vowel({ jaw: [0.1, 0.17], wide: [0.48, 0.66], lowerDown: [0.1, 0.16] })),
  ...each("i", vowel(closeSpread)),
  ...each("ɨ ᵻ ɿ ɹ̩", apical),
  ...each("ʅ ɻ̩", vowel({ jaw: [0.06, 0.12], wide: [0.05, 0.3], lowerDown: 0.16, upperUp: 0.08 })),
  ...each("ɜ", vowel({ jaw: [0.18, 0.26], funnel: [0.05, 0.15], pucker: [0.05, 0.1] })),
  ...each("ɚ", vowel({ jaw: [0.2, 0.3], wide: [0, 0.2], lowerDown: [0.08, 0.16] })),
  ...each("ɝ", rounded({ jaw: [0.16, 0.24], pucker: [0.25, 0.4], funnel: [0.2, 0.35] })),
  ...each("ɒ", rounded({ jaw: [0.34, 0.42], funnel: [0.3, 0.4], pucker: [0.1, 0.2] })),
  ...each("ɔ", rounded({ jaw: [0.24, 0.3], funnel: [0.34, 0.42], pucker: [0.2, 0.32] })),
  ...each("o", rounded({ jaw: [0.2, 0.28], funnel: [0.35, 0.45], pucker: [0.4, 0.6] })),
  ...each("ʊ", rounded({ jaw: [0.08, 0.13], funnel: [0.14, 0.26], pucker: [0.62, 0.76] })),
  ...each("u ʉ y", rounded(closeRounded)),
  ...each("ɯ", vowel({ jaw: [0.1, 0.18], wide: [0.1, 0.3] })),
  ...each("w ʍ ɥ", viseme(1, { ...closeRounded, upperUp: [0, 0.04], lowerDown: [0, 0.06], wide: 0 })),
  ...each("j ɲ", viseme(0.8, { ...closeSpread, ...unrounded, jaw: [0.06, 0.14] })),
  ...each("p b m", viseme(0.5, { jaw: [0, 0.2], tongue: 0 }, "lips")),
  ...each("f v ɱ", viseme(0.7, { jaw: [0.04, 0.1], pucker: [0, 0.4], tongue: 0 }, "teeth")),
  ...each("t d n ɾ ʔ", alveolar),
  ...each("l ɫ ɬ", { ...alveolar, ranges: { ...alveolar.ranges, jaw: [0.1, 0.25] } }),
  ...each("s z", sibilant),
  ...each("ʃ ʒ", postalveolar),
  ...each("ɕ ʑ", alveolopalatal),
  ...each("ʂ ʐ ʈ ɖ ɻ", retroflex),
  ...each("θ ð", dental),
  ...each("k ɡ g ŋ x ɣ", velar),
  ...each("h ɦ", viseme(0.15, { jaw: [0.1, 0.4] })),
  ...each("ɹ r ʁ", rhotic),
]);

const ligatures: ReadonlyMap<string, string> = new Map([
  ["ʤ", "dʒ"],
  ["ʧ", "tʃ"],
  ["ʣ", "dz"],
  ["ʦ", "ts"],
  ["ʥ", "dʑ"],
  ["ʨ", "tɕ"],
]);

/** The stop of an affricate is made with the lips of its fricative. */
const affricateStop = /[tdʈɖ](?=[szʃʒɕʑʂʐ])/gu;

/**
 * The mouth shapes of an IPA symbol in order: several for diphthongs and triphthongs. Unknown letters and diacritics give none, but a
 * syllabic ɹ or ɻ is a vowel.
 */
export function visemesOf(symbol: string): readonly Viseme[] {
  const spelled = [...symbol.normalize("NFD")].map((letter) => ligatures.get(letter) ?? letter).join("");
  const clusters =
    spelled
      .replaceAll("\u0361", "")
      .replaceAll(affricateStop, "")
      .match(/\P{M}\p{M}*/gu) ?? [];
  return clusters.flatMap((cluster) => visemes.get(cluster) ?? visemes.get([...cluster][0] as string) ?? []);
}

/** Whether the symbol starts a syllable's nucleus. */
export function isVowel(symbol: string): boolean {
  return /^(?:[ɑaɐʌæɛeəɨɘᵊᵻɪiɜɚɝɒɔoʊuʉɯyɤɿʅ]|[ɹɻ]\u0329)/u.test(symbol.normalize("NFD"));
}

function each(letters: string, shape: Viseme): [string, Viseme][] {
  return letters.split(" ").map((letter) => [letter.normalize("NFD"), shape]);
}
