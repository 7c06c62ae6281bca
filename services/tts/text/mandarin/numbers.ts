const digits = "零一二三四五六七八九";
const places = ["", "十", "百", "千"];
const groups = ["", "万", "亿", "万亿"];
/** Beyond this a number is read digit by digit. */
const mostDigits = 16;

/** What is counted in twos: 两 stands before measures and before 百 (said in the south and the north), 千, 万, 亿. */
const liang = "两";

/** "2024" -> 二零二四. @param one how 1 is said: 幺 in telephone and room numbers */
export function readDigits(text: string, one: "一" | "幺" = "一"): string {
  return [...text].map((digit) => (digit === "1" ? one : (digits[Number(digit)] ?? ""))).join("");
}

/** "10305" -> 一万零三百零五; a number with leading zeros or more than 16 digits digit by digit. @param text digits only */
export function readCardinal(text: string): string {
  if (/^0\d/.test(text) || text.length > mostDigits) return readDigits(text);
  if (/^0*$/.test(text)) return "零";
  const spoken: string[] = [];
  let gap = false;
  for (let group = Math.ceil(text.length / 4) - 1; group >= 0; group--) {
    const part = text.slice(Math.max(0, text.length - 4 * (group + 1)), text.length - 4 * group);
    const value = Number(part);
    if (value === 0) {
      gap = true;
      continue;
    }
    const joins = spoken.length > 0 && (gap || value < 1000);
    spoken.push(joins ? "零" : "", value === 2 && group > 0 ? liang : readGroup(part), groups[group] as string);
    gap = false;
  }
  return spoken.join("").replace(/^一十/, "十");
}

/** Up to four digits without leading zeros said. */
function readGroup(part: string): string {
  let spoken = "";
  let gap = false;
  for (const [index, digit] of [...part].entries()) {
    if (digit === "0") {
      gap = spoken !== "";
      continue;
    }
    const place = part.length - 1 - index;
    const word = digit === "2" && place === 3 ? liang : (digits[Number(digit)] as string);
    spoken += `${gap ? "零" : ""}${word}${places[place]}`;
    gap = false;
  }
  return spoken;
}

/** "-1,234.50" -> 负一千二百三十四点五零; "3" -> 三. */
export function readNumber(text: string): string {
  const plain = text.replaceAll(",", "");
  const [, sign = "", whole = "", fraction] = /^([-−+]?)(\d*)(?:\.(\d+))?$/.exec(plain) ?? [];
  const point = fraction === undefined ? "" : `点${readDigits(fraction)}`;
  return `${sign === "" ? "" : sign === "+" ? "正" : "负"}${readCardinal(whole === "" ? "0" : whole)}${point}`;
}

/** A number before a measure: 两个, but 十二个, 二十个. */
export function readCount(text: string): string {
  return text === "2" ? liang : readNumber(text);
}

/** A decimal number with optional thousands separators, as a regular expression source. */
export const numberSource = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?`;
