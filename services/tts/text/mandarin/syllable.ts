/** 1 high, 2 rising, 3 low, 4 falling, 5 neutral. */
export type Tone = 1 | 2 | 3 | 4 | 5;

/** A syllable in pinyin. */
export interface Syllable {
  /** Lower case without tone, ü as "v": "zhuang", "nv". */
  readonly letters: string;
  readonly tone: Tone;
  /** Ends in a rhotic 儿: "huar". */
  readonly rhotic: boolean;
}

const initialPattern = /^(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcs])/;

/** Onsets in the International Phonetic Alphabet, affricates as one symbol each, as Kokoro's Mandarin voices read them. */
const initials: Readonly<Record<string, string>> = {
  ...{ b: "p", p: "pʰ", m: "m", f: "f", d: "t", t: "tʰ", n: "n", l: "l", g: "k", k: "kʰ", h: "x" },
  ...{ j: "ʨ", q: "ʨʰ", x: "ɕ", zh: "ꭧ", ch: "ꭧʰ", sh: "ʂ", r: "ɻ", z: "ʦ", c: "ʦʰ", s: "s" },
};

/** Rhymes as [glide and nucleus, coda]; the tone stands between them. */
const rhymes: Readonly<Record<string, readonly [string, string]>> = {
  ...{ a: ["a", ""], ai: ["ai", ""], an: ["a", "n"], ang: ["a", "ŋ"], ao: ["au", ""] },
  ...{ e: ["ɤ", ""], ei: ["ei", ""], en: ["ə", "n"], eng: ["ə", "ŋ"], er: ["ɚ", ""], ê: ["ɛ", ""] },
  ...{ o: ["wo", ""], ou: ["ou", ""], ong: ["ʊ", "ŋ"] },
  ...{ i: ["i", ""], ia: ["ja", ""], ian: ["jɛ", "n"], iang: ["ja", "ŋ"], iao: ["jau", ""], ie: ["je", ""] },
  ...{ in: ["i", "n"], ing: ["i", "ŋ"], iong: ["jʊ", "ŋ"], iou: ["jou", ""], iu: ["jou", ""], io: ["jɔ", ""] },
  ...{ u: ["u", ""], ua: ["wa", ""], uai: ["wai", ""], uan: ["wa", "n"], uang: ["wa", "ŋ"], uo: ["wo", ""] },
  ...{ uei: ["wei", ""], ui: ["wei", ""], uen: ["wə", "n"], un: ["wə", "n"], ueng: ["wə", "ŋ"] },
  ...{ v: ["y", ""], ve: ["ɥe", ""], van: ["ɥɛ", "n"], vn: ["y", "n"] },
};

/** Syllables that are a consonant or an interjection. */
const bareSyllables: Readonly<Record<string, readonly [string, string]>> = {
  ...{ m: ["m", ""], hm: ["hm", ""], n: ["n", ""], ng: ["ŋ", ""], hng: ["hŋ", ""], o: ["ɔ", ""] },
};

/** How a rhyme that loses its coda before 儿 sounds: 玩儿 is "war", 事儿 is "shər". */
const rhoticNuclei: Readonly<Record<string, string>> = {
  ...{ ai: "a", an: "a", ei: "ə", en: "ə", ian: "ja", uai: "wa", uan: "wa", ui: "wə", uei: "wə", un: "wə", uen: "wə" },
  ...{ in: "jə", vn: "ɥə", van: "ɥa" },
};

const toneMarks: Readonly<Record<Tone, string>> = { 1: "→", 2: "↗", 3: "↓", 4: "↘", 5: "" };

/**
 * A syllable in the symbols of Kokoro's Mandarin voices: onset, glide and nucleus, tone, coda, as misaki writes them. The analysis of
 * rhymes is Duanmu, "The Phonology of Standard Chinese" (2007).
 * @returns "" for what is no syllable of Mandarin
 */
export function symbolsOf({ letters, tone, rhotic }: Syllable): string {
  const bare = bareSyllables[letters];
  if (bare) return `${bare[0]}${toneMarks[tone]}${bare[1]}`;
  const { initial, rhyme } = splitSyllable(letters);
  const onset = initials[initial] ?? "";
  const sounds = isApical(initial, rhyme) ? (["ɨ", ""] as const) : rhymes[rhyme];
  if (!sounds || (initial !== "" && onset === "")) return "";
  const [nucleus, coda] = sounds;
  if (!rhotic) return `${onset}${nucleus}${toneMarks[tone]}${coda}`;
  const dropsCoda = rhyme in rhoticNuclei;
  return `${onset}${rhoticNuclei[rhyme] ?? nucleus}${toneMarks[tone]}${dropsCoda ? "" : coda}ɚ`;
}

/** "zhuang4" or "lü4" or "de" as a syllable; undefined for anything else. */
export function parseSyllable(numbered: string): Syllable | undefined {
  const match = /^([a-zêü:]+?)(r?)([0-5]?)$/.exec(numbered.toLowerCase().replaceAll("u:", "v").replaceAll("ü", "v"));
  if (!match) return undefined;
  const tone = (Number(match[3] || 5) || 5) as Tone;
  const whole = `${match[1]}${match[2]}`;
  for (const [letters, rhotic] of [[whole, false] as const, [match[1] as string, match[2] === "r"] as const]) {
    if (symbolsOf({ letters, tone, rhotic: false }) !== "") return { letters, tone, rhotic };
  }
  return undefined;
}

/** The spelling rules of pinyin undone: "yuan" is ü and an, "ju" is j and ü. */
function splitSyllable(letters: string): { readonly initial: string; readonly rhyme: string } {
  const plain = letters
    .replace(/^yu/, "v")
    .replace(/^yi?/, "i")
    .replace(/^wu?/, "u")
    .replace(/^([jqx])u/, "$1v");
  const initial = initialPattern.exec(plain)?.[0] ?? "";
  return { initial, rhyme: plain.slice(initial.length) };
}

/** zhi chi shi ri, zi ci si: the "i" is only a prolonged consonant. */
function isApical(initial: string, rhyme: string): boolean {
  return rhyme === "i" && /^(?:zh|ch|sh|[rzcs])$/.test(initial);
}
