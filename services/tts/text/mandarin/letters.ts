/** Names of the letters in the symbols of the English front end. */
const names: Readonly<Record<string, string>> = {
  ...{ A: "ˈA", B: "bˈi", C: "sˈi", D: "dˈi", E: "ˈi", F: "ˈɛf", G: "ʤˈi", H: "ˈAʧ", I: "ˈI", J: "ʤˈA", K: "kˈA", L: "ˈɛl", M: "ˈɛm" },
  ...{
    N: "ˈɛn",
    O: "ˈO",
    P: "pˈi",
    Q: "kjˈu",
    R: "ˈɑɹ",
    S: "ˈɛs",
    T: "tˈi",
    U: "jˈu",
    V: "vˈi",
    W: "dˈʌbᵊlju",
    X: "ˈɛks",
    Y: "wˈI",
    Z: "zˈi",
  },
};

/** The name of a letter that stands alone among Chinese characters (A座, T恤): there it is no article and no pronoun. */
export function nameOfLetter(text: string): string | undefined {
  return names[text.trim().toUpperCase()];
}
