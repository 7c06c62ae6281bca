import { type MappedRewrite, rewriteAll } from "./mapped-text.ts";
import { readDigits } from "./numbers.ts";

const said = (code: string) => readDigits(code.replace(/\D/g, ""), "幺");
/** Groups of a telephone number, with a short pause between them. */
const grouped = (code: string) =>
  code
    .split(/\D+/)
    .filter((group) => group !== "")
    .map((group) => readDigits(group, "幺"))
    .join("，");

/** Telephone, room, line and other numbers that are read digit by digit. */
export const readCodes: readonly MappedRewrite[] = [
  // +86 138 0013 8000
  rewriteAll(/(?<![\d.])(?:\+?86[-\s]?)?(1[3-9]\d)[-\s]?(\d{4})[-\s]?(\d{4})(?!\d)/g, ([all, ...parts]) => {
    const country = all.startsWith("+") ? "加八六，" : "";
    return `${country}${parts.map((part) => readDigits(part, "幺")).join("，")}`;
  }),
  rewriteAll(/(?<![\d.])(?:0\d{2,3}|400|800)[-\s]\d{3,4}[-\s]?\d{3,4}(?!\d)/g, ([number]) => grouped(number)),
  rewriteAll(/(?<=(?:电话|热线|拨打|致电|号码|密码|验证码|邮编|编号|单号|车牌|打|拨)(?:是|为|[:：])?\s*)\d{3,}(?:-\d{3,})*/g, ([number]) =>
    grouped(number),
  ),
  rewriteAll(/(?<!\d)\d{3,4}(?=(?:号?房(?!子|价)|室|教室|宿舍|路公交|路汽车|次列车|次航班|号航班))/g, ([number]) => said(number)),
  rewriteAll(/(?<![\d.,])0\d+(?![\d.,])/g, ([number]) => said(number)),
  rewriteAll(/(?<![\d.,])\d{9,}(?<!0000)(?![\d.,]|[个只条位人元块万亿])/g, ([number]) => said(number)),
];
