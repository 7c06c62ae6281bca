const digitOf: Readonly<Record<string, string>> = {
  零: "0",
  〇: "0",
  一: "1",
  幺: "1",
  二: "2",
  两: "2",
  三: "3",
  四: "4",
  五: "5",
  六: "6",
  七: "7",
  八: "8",
  九: "9",
};
const unitOf: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1_000 };
const numeral = /[零〇一幺二两三四五六七八九十百千]+/g;

const rewrites: readonly (readonly [RegExp, string])[] = [
  [/(\d),(?=\d{3})/g, "$1"],
  [/100分之(\d+(?:点\d+)?)/g, "$1%"],
  [/(\d+)分之(\d+)/g, "$2/$1"],
  [/(\d)点半/g, "$1点30"],
  [/(\d):(\d\d)/g, "$1点$2"],
  [/(\d点)00(?!\d)/g, "$1"],
  [/(\d)\.(?=\d)/g, "$1点"],
  [/[¥￥](\d+(?:点\d+)?)/g, "$1元"],
  [/℃|°c/g, "摄氏度"],
  [/公斤|千克/g, "kg"],
  [/wi-fi/g, "wifi"],
  [/e-mail/g, "email"],
];

/**
 * The characters of Chinese text as both sides are compared; numbers in digits, each digit a token, and words of other scripts whole and in
 * lower case. Punctuation and spaces are no tokens.
 */
export function chineseTokens(text: string): readonly string[] {
  const digits = text.toLowerCase().normalize("NFKC").replaceAll(numeral, numberOf);
  const plain = rewrites.reduce((current, [pattern, replacement]) => current.replaceAll(pattern, replacement), digits);
  return plain.match(/[a-z]+|[\p{L}\d%/]/gu) ?? [];
}

/** "一千二百五十" -> 1250, "二零二六" -> 2026, "十" -> 10. */
function numberOf(characters: string): string {
  if (!/[十百千]/.test(characters)) return [...characters].map((character) => digitOf[character]).join("");
  let total = 0;
  let digit = "";
  for (const character of characters) {
    const unit = unitOf[character];
    if (unit === undefined) digit = digitOf[character] as string;
    else {
      total += Number(digit === "" ? 1 : digit) * unit;
      digit = "";
    }
  }
  return String(total + Number(digit));
}
