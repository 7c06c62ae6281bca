/** The parts of the mouth that blend between phones; each 0..1. */
export const blendedParts = ["jaw", "pucker", "funnel", "wide", "upperUp", "lowerDown", "tongue"] as const;
export type BlendedPart = (typeof blendedParts)[number];

/** Lip contacts that a phone must reach whatever its neighbours do. */
export type Contact = "lips" | "teeth";

export interface Viseme {
  /** Where the phone wants a part; a part that is missing is left to the neighbours. */
  readonly targets: Readonly<Partial<Record<BlendedPart, number>>>;
  /** How much it insists against its neighbours, 0..1. */
  readonly dominance: number;
  readonly contact?: Contact;
}

const vowel = (jaw: number, targets: Viseme["targets"] = {}): Viseme => ({ targets: { jaw, ...targets }, dominance: 1 });
const consonant = (dominance: number, targets: Viseme["targets"]): Viseme => ({ targets, dominance });

const open = vowel(0.44, { lowerDown: 0.2, upperUp: 0.1 });
const alveolar = consonant(0.45, { jaw: 0.08, wide: 0.1 });
const sibilant = consonant(0.85, { jaw: 0.05, wide: 0.42, lowerDown: 0.22, upperUp: 0.1 });
const postalveolar = consonant(0.85, { jaw: 0.09, funnel: 0.5, pucker: 0.3, upperUp: 0.15, lowerDown: 0.15 });
const dental = consonant(0.6, { jaw: 0.1, tongue: 0.16, wide: 0.1 });
const velar = consonant(0.3, { jaw: 0.14 });
const liquid = consonant(0.8, { jaw: 0.14, pucker: 0.36, funnel: 0.32 });
const glide = consonant(1, { jaw: 0.1, pucker: 0.75, funnel: 0.3 });
const bilabial: Viseme = { targets: { jaw: 0.05 }, dominance: 0.5, contact: "lips" };
const labiodental: Viseme = { targets: { jaw: 0.07 }, dominance: 0.7, contact: "teeth" };

/**
 * Mouth shapes of the phones of English, by IPA letter: jaw height, rounding and spreading after the vowel chart and the articulation
 * of consonants (Ladefoged & Johnson, A Course in Phonetics), in amounts that read well on ARKit shapes.
 */
const visemes: ReadonlyMap<string, Viseme> = new Map<string, Viseme>([
  ...each("ɑa", open),
  ...each("ɐʌ", vowel(0.32, { lowerDown: 0.15 })),
  ...each("æ", vowel(0.4, { wide: 0.32, lowerDown: 0.25, upperUp: 0.15 })),
  ...each("ɛ", vowel(0.3, { wide: 0.3, lowerDown: 0.2, upperUp: 0.1 })),
  ...each("e", vowel(0.24, { wide: 0.42, lowerDown: 0.15 })),
  ...each("əɨɘᵊᵻ", { ...vowel(0.18), dominance: 0.6 }),
  ...each("ɪ", vowel(0.16, { wide: 0.36, lowerDown: 0.12 })),
  ...each("i", vowel(0.11, { wide: 0.6, lowerDown: 0.15, upperUp: 0.08 })),
  ...each("ɜɚɝ", vowel(0.2, { pucker: 0.25, funnel: 0.25 })),
  ...each("ɒ", vowel(0.4, { funnel: 0.3 })),
  ...each("ɔ", vowel(0.34, { funnel: 0.42, pucker: 0.2 })),
  ...each("o", vowel(0.26, { funnel: 0.4, pucker: 0.5 })),
  ...each("ʊ", vowel(0.17, { funnel: 0.32, pucker: 0.5 })),
  ...each("uʉɯ", vowel(0.12, { funnel: 0.3, pucker: 0.8 })),
  ...each("y", vowel(0.11, { funnel: 0.3, pucker: 0.75 })),
  ...each("pbm", bilabial),
  ...each("fvɱ", labiodental),
  ...each("tdnɾʔ", alveolar),
  ...each("lɫɬ", { ...alveolar, targets: { jaw: 0.14, wide: 0.08 } }),
  ...each("sz", sibilant),
  ...each("ʃʒɕʑ", postalveolar),
  ...each("θð", dental),
  ...each("kɡgŋxɣ", velar),
  ...each("hɦ", consonant(0.15, { jaw: 0.16 })),
  ...each("ɹrɻʁ", liquid),
  ...each("wʍ", glide),
  ...each("jɲ", consonant(0.6, { jaw: 0.09, wide: 0.45 })),
]);

const ligatures: ReadonlyMap<string, string> = new Map([
  ["ʤ", "dʒ"],
  ["ʧ", "tʃ"],
  ["ʣ", "dz"],
  ["ʦ", "ts"],
]);

/** The mouth shapes of an IPA symbol in order: two for diphthongs and affricates. Unknown letters and diacritics give none. */
export function visemesOf(symbol: string): readonly Viseme[] {
  const letters = [...symbol.normalize("NFD")].flatMap((letter) => [...(ligatures.get(letter) ?? letter)]);
  return letters.map((letter) => visemes.get(letter)).filter((viseme) => viseme !== undefined);
}

/** Whether the symbol starts a syllable's nucleus. */
export function isVowel(symbol: string): boolean {
  return /^[ɑaɐʌæɛeəɨɘᵊᵻɪiɜɚɝɒɔoʊuʉɯy]/u.test(symbol);
}

function each(letters: string, viseme: Viseme): [string, Viseme][] {
  return [...letters].map((letter) => [letter, viseme]);
}
