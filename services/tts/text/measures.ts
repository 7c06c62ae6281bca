import { inflect, type Rewrite, replaceAll } from "./rewrite.ts";

const vulgar: Readonly<Record<string, string>> = {
  "½": "a half",
  "¼": "a quarter",
  "¾": "three quarters",
  "⅓": "a third",
  "⅔": "two thirds",
  "⅛": "an eighth",
};
const small: Readonly<Record<string, string>> = {
  "1/2": "a half",
  "1/4": "a quarter",
  "3/4": "three quarters",
  "1/3": "a third",
  "2/3": "two thirds",
};
const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const codes: Readonly<Record<string, readonly [string, string]>> = {
  USD: ["dollar", "dollars"],
  EUR: ["euro", "euros"],
  GBP: ["pound", "pounds"],
  JPY: ["yen", "yen"],
  CNY: ["yuan", "yuan"],
  RMB: ["yuan", "yuan"],
  CHF: ["franc", "francs"],
};
const lengths: Readonly<Record<string, string>> = { mm: "millimeters", cm: "centimeters", m: "meters", km: "kilometers", ft: "feet" };
/** One letter means a unit only after an amount that is no money ("$5m"). */
const metric: Readonly<Record<string, readonly [string, string]>> = {
  m: ["meter", "meters"],
  g: ["gram", "grams"],
  l: ["liter", "liters"],
};
const codeSource = Object.keys(codes).join("|");
const amount = String.raw`\d+(?:,\d{3})*(?:\.\d+)?`;
const magnitudes: Readonly<Record<string, string>> = { bn: "billion", mn: "million", tn: "trillion" };

const unitOf = (code: string, count: string) => (codes[code] as readonly [string, string])[count === "1" ? 0 : 1];

/** Mixed fractions, areas and volumes, feet and inches, powers, multiples, and money by its code: what the tables of the voice lack. */
export const readMeasures: readonly Rewrite[] = [
  replaceAll(/(?<![\d/.])(\d+)\s?([½¼¾⅓⅔⅛])/g, ([, whole, part = ""]) => `${whole} and ${vulgar[part]}`),
  replaceAll(/(?<![\d/.])(\d+) ([123]\/[234])(?![\d/])/g, ([all, whole, part = ""]) => (small[part] ? `${whole} and ${small[part]}` : all)),
  replaceAll(/(?<=\d\s?)(mm|cm|km|m|ft)([²³]|2\b|3\b)/g, ([, unit = "", power = ""]) => {
    return ` ${"²2".includes(power) ? "square" : "cubic"} ${lengths[unit]}`;
  }),
  replaceAll(/(\d)['′]\s?(\d{1,2})["″]/g, ([, feet, inches]) => `${feet} foot ${inches}`),
  replaceAll(/(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, ([digits]) => {
    const power = [...digits].map((digit) => superscripts.indexOf(digit)).join("");
    return power === "2" ? " squared" : power === "3" ? " cubed" : ` to the power of ${power}`;
  }),
  replaceAll(/(?<![\w.])(\d+)[x×](?= [a-z])/g, ([, count]) => `${count} times`),
  replaceAll(/\b(?:US|CA|AU)\$(?=\d)/g, () => "$"),
  replaceAll(
    new RegExp(String.raw`([$£€]${amount})\s?(bn|mn|tn)\b`, "gi"),
    ([, money, short = ""]) => `${money} ${magnitudes[short.toLowerCase()]}`,
  ),
  replaceAll(
    new RegExp(String.raw`(?<!\w)(${codeSource})\s?(${amount})`, "g"),
    ([, code = "", count = ""]) => `${count} ${unitOf(code, count)}`,
  ),
  replaceAll(
    new RegExp(String.raw`(?<![\w.])(${amount})\s?(${codeSource})(?!\w)`, "g"),
    ([, count = "", code = ""]) => `${count} ${unitOf(code, count)}`,
  ),
  replaceAll(new RegExp(String.raw`(?<![\w.$£€])(${amount})\s?([mgl])(?![\w'’/])`, "g"), ([, count = "", unit = ""]) => {
    return `${count} ${inflect(count, metric[unit] as readonly [string, string])}`;
  }),
  replaceAll(/(?<=\d) ?yrs?\b/g, () => " years"),
  replaceAll(/\bpp?\. ?(?=\d)/g, ([whole]) => (whole.startsWith("pp") ? "pages " : "page ")),
  replaceAll(/\b([CF])#(?!\w)/g, ([, letter]) => `${letter} sharp`),
  replaceAll(/\b24\/7\b/g, () => "24 7"),
  replaceAll(/≥ ?(?=\d)/g, () => "at least "),
  replaceAll(/≤ ?(?=\d)/g, () => "at most "),
  replaceAll(/[≈~] ?(?=\d)/g, () => "about "),
];
