/** Written by the prompts' authors, and what it should be; then ways to write one word, which sound the same. */
const spellings: Readonly<Record<string, string>> = {
  represenatives: "representatives",
  indentified: "identified",
  witheld: "withheld",
  umute: "unmute",
  fourtieth: "fortieth",
  exclaimation: "exclamation",
  thru: "through",
  xray: "x ray",
  voicemail: "voice mail",
  touchtone: "touch tone",
  backtick: "back tick",
  backslash: "back slash",
  ok: "okay",
  juliett: "juliet",
  whisky: "whiskey",
};
const signs: Readonly<Record<string, string>> = {
  "#": " pound ",
  "*": " star ",
  "%": " percent ",
  "&": " and ",
  "@": " at ",
  $: " dollar ",
};

/**
 * The words of an English text as they are compared: lower case, no punctuation, hyphens as spaces, signs and numbers written out
 * (1234 as a cardinal, 10th as an ordinal), a.m. as am, misspellings of the transcripts corrected.
 */
export function englishWords(text: string): readonly string[] {
  return text
    .toLowerCase()
    .replaceAll(/\b([a-z])\.(?:([a-z])\.)/g, "$1$2")
    .replaceAll(/www\.(\w+)\.org/g, "www dot $1 dot org")
    .replaceAll(/(\d),(?=\d{3})/g, "$1")
    .replaceAll(/(\d)\.(?=\d)/g, "$1 point ")
    .replaceAll(/[#*%&@$]/g, (sign) => signs[sign] as string)
    .replaceAll(/\d+(st|nd|rd|th)\b/g, (number) => ` ${ordinal(Number.parseInt(number, 10))} `)
    .replaceAll(/\d+/g, (number) => ` ${cardinal(Number(number))} `)
    .replaceAll(/['’]/g, "")
    .split(/[^a-z]+/)
    .flatMap((word) => (spellings[word] ?? word).split(" "))
    .filter((word) => word !== "");
}

const ones =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
const small = ones.split(" ");
const tens = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const ordinals: Readonly<Record<string, string>> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};

/** 0 to 999 999 in words; more is left digit by digit. */
function cardinal(number: number): string {
  if (number < 20) return small[number] as string;
  if (number < 100) return `${tens[Math.floor(number / 10)]}${number % 10 ? ` ${small[number % 10]}` : ""}`;
  if (number < 1000) return `${small[Math.floor(number / 100)]} hundred${number % 100 ? ` ${cardinal(number % 100)}` : ""}`;
  if (number < 1_000_000) return `${cardinal(Math.floor(number / 1000))} thousand${number % 1000 ? ` ${cardinal(number % 1000)}` : ""}`;
  return [...String(number)].map((digit) => small[Number(digit)]).join(" ");
}

function ordinal(number: number): string {
  const words = cardinal(number).split(" ");
  const last = words.pop() as string;
  return [...words, ordinals[last] ?? (last.endsWith("y") ? `${last.slice(0, -1)}ieth` : `${last}th`)].join(" ");
}
