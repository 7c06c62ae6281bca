const ones =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const scales = ["", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "sextillion", "septillion", "octillion"];
const irregularOrdinals: Readonly<Record<string, string>> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};

/** "1234" as "one thousand two hundred thirty-four" (American: no "and"); over 30 digits one digit at a time. */
export function cardinal(digits: string): string {
  const significant = digits.replace(/^0+(?=\d)/, "");
  if (significant.length > scales.length * 3) return spellDigits(significant);
  const words: string[] = [];
  for (let end = significant.length, scale = 0; end > 0; end -= 3, scale++) {
    const group = Number(significant.slice(Math.max(0, end - 3), end));
    if (group > 0) words.unshift(...belowThousand(group), ...(scale > 0 ? [scales[scale] as string] : []));
  }
  return words.length > 0 ? words.join(" ") : "zero";
}

/** "23" as "twenty-third". */
export function ordinal(digits: string): string {
  return cardinal(digits).replace(/[a-z]+$/, ordinalWord);
}

/** A four-digit year in pairs: "1905" as "nineteen oh five", "2005" as "two thousand five", "2010" as "twenty ten". */
export function year(digits: string): string {
  const high = Number(digits.slice(0, 2));
  const low = Number(digits.slice(2));
  if (high === 0 || (high % 10 === 0 && low < 10)) return cardinal(digits);
  const pair = low === 0 ? "hundred" : low < 10 ? `oh ${ones[low]}` : cardinal(String(low));
  return `${cardinal(String(high))} ${pair}`;
}

/** "3.140" as "three point one four": zeros at the end are not said. */
export function decimal(text: string): string {
  const [whole = "", fraction = ""] = text.split(".");
  const said = fraction.replace(/0+$/, "");
  return cardinal(whole === "" ? "0" : whole) + (said === "" ? "" : ` point ${spellDigits(said)}`);
}

/** "408" as "four zero eight". */
export function spellDigits(digits: string): string {
  return [...digits].map((digit) => ones[Number(digit)]).join(" ");
}

function belowThousand(value: number): string[] {
  const words: string[] = [];
  if (value >= 100) words.push(ones[Math.floor(value / 100)] as string, "hundred");
  const rest = value % 100;
  if (rest >= 20) words.push(`${tens[Math.floor(rest / 10)]}${rest % 10 > 0 ? `-${ones[rest % 10]}` : ""}`);
  else if (rest > 0) words.push(ones[rest] as string);
  return words;
}

function ordinalWord(word: string): string {
  const irregular = irregularOrdinals[word];
  if (irregular !== undefined) return irregular;
  return word.endsWith("y") ? `${word.slice(0, -1)}ieth` : `${word}th`;
}
