import { type MappedRewrite, rewriteAll } from "./mapped-text.ts";
import { readCardinal, readCount, readDigits } from "./numbers.ts";

const rangeSign = String.raw`\s*[-–—~～至到]\s*`;
const clock = String.raw`(?<![\d:.])([01]?\d|2[0-4])[:：]([0-5]\d)(?:[:：]([0-5]\d))?(?![\d:])`;
const halves: Readonly<Record<string, string>> = { am: "上午", pm: "下午" };

/** 2024-03-05, 2024/3/5, 2024.3.5, 2024年3月5日, 3月5日, 1998-2004年, 08年, 90年代, 3/5 only as a fraction. */
const dates: readonly MappedRewrite[] = [
  rewriteAll(/(?<![\d.])(\d{4})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?![\d.]\d|\d)/g, ([, year, , month, day]) => {
    return `${readDigits(year as string)}年${readPart(month)}月${readPart(day)}日`;
  }),
  rewriteAll(new RegExp(String.raw`(?<!\d)(\d{4})${rangeSign}(\d{4})(?=年)`, "g"), ([, from, to]) => {
    return `${readDigits(from as string)}到${readDigits(to as string)}`;
  }),
  rewriteAll(/(?<!\d)(\d{4})(?=年(?!级|期))/g, ([, year]) => readDigits(year as string)),
  rewriteAll(/(?<!\d)(0\d)(?=年)/g, ([, year]) => readDigits(year as string)),
  rewriteAll(
    /(?<!\d)(0?[1-9]|1[0-2])(月)(0?[1-9]|[12]\d|3[01])(?=[日号])/g,
    ([, month, sign, day]) => readPart(month) + sign + readPart(day),
  ),
  rewriteAll(/(?<!\d)(0?[1-9]|1[0-2])(?=月(?!球|亮))/g, ([, month]) => readPart(month)),
  rewriteAll(/(?<![\d.])(0?[1-9]|[12]\d|3[01])(?=[日号](?!线|楼|门|院|机|店|馆))/g, ([, day]) => readPart(day)),
];

/** 9:30, 14:05, 12:30:45, 9:00 pm, 8:00-17:30; a colon between other numbers is a score or a ratio. */
const times: readonly MappedRewrite[] = [
  rewriteAll(new RegExp(String.raw`${clock}(?:\s*([AaPp])\.?[Mm]\b\.?)?(${rangeSign}(?=\d{1,2}[:：]\d\d))?`, "g"), (match) => {
    if (/(?:比分|大胜|战胜|击败|打成|以)[^，。]{0,6}$/.test(match.input.slice(0, match.index))) return undefined;
    const [, hour, minute, second, half, range] = match;
    const part = half === undefined ? "" : halves[`${half.toLowerCase()}m`];
    return `${part}${readTime(Number(hour), Number(minute), second)}${range === undefined ? "" : "到"}`;
  }),
  rewriteAll(
    /(?<![\d:：])(\d{1,3})[:：](\d{1,3})(?![\d:：])/g,
    ([, left, right]) => `${readCardinal(left as string)}比${readCardinal(right as string)}`,
  ),
  rewriteAll(/(?<![\d.])(\d{1,2})(?=点(?:钟|半|整|多|左右|[零一二三四五六七八九十\d]+分|[，。！？,.\s]|$))/g, ([, hour]) =>
    readCount(hour as string),
  ),
];

export const readTimesAndDates: readonly MappedRewrite[] = [...times, ...dates];

function readTime(hour: number, minute: number, second: string | undefined): string {
  const spokenHour = `${readCount(String(hour))}点`;
  const seconds = second === undefined ? "" : `${readCardinal(String(Number(second)))}秒`;
  if (minute === 0 && seconds === "") return spokenHour;
  return `${spokenHour}${minute < 10 ? "零" : ""}${minute === 0 ? "" : readCardinal(String(minute))}分${seconds}`;
}

/** A month or day, with or without its leading zero. */
function readPart(text: string | undefined): string {
  return readCardinal(String(Number(text)));
}
