import { type MappedRewrite, rewriteAll } from "./mapped-text.ts";
import { numberSource, readCardinal, readCount, readDigits, readNumber } from "./numbers.ts";

const number = `(${numberSource})`;
const notInside = String.raw`(?<![\d.,A-Za-z])`;
const scale = "(?:[千万亿]|百万|千万|万亿)?";

const currencies: Readonly<Record<string, string>> = {
  ...{ "¥": "元", "￥": "元", RMB: "元", CNY: "元", $: "美元", US$: "美元", USD: "美元", "€": "欧元", EUR: "欧元" },
  ...{ "£": "英镑", GBP: "英镑", HK$: "港元", HKD: "港元", NT$: "新台币", "₩": "韩元", JPY: "日元", "₽": "卢布", "₹": "卢比" },
};

/** Written units that stand after a number, longest first when matched. */
const units: Readonly<Record<string, string>> = {
  ...{ "km/h": "公里每小时", "m/s": "米每秒", "km²": "平方公里", "m²": "平方米", "㎡": "平方米", "m³": "立方米", "cm²": "平方厘米" },
  ...{ km: "公里", "㎞": "公里", m: "米", cm: "厘米", "㎝": "厘米", mm: "毫米", "㎜": "毫米", nm: "纳米", μm: "微米" },
  ...{ kg: "公斤", "㎏": "公斤", g: "克", mg: "毫克", "㎎": "毫克", t: "吨", lb: "磅", oz: "盎司" },
  ...{ L: "升", l: "升", mL: "毫升", ml: "毫升", "㎖": "毫升", h: "小时", min: "分钟", s: "秒", ms: "毫秒" },
  ...{ Hz: "赫兹", kHz: "千赫", MHz: "兆赫", GHz: "吉赫", W: "瓦", kW: "千瓦", MW: "兆瓦", kWh: "千瓦时", V: "伏", mAh: "毫安时" },
  ...{ dB: "分贝", kcal: "千卡", px: "像素", ft: "英尺", mph: "英里每小时", "℃": "摄氏度", "°C": "摄氏度", "℉": "华氏度", "°F": "华氏度" },
  ...{ "°": "度", Ω: "欧姆", kPa: "千帕", Pa: "帕", rpm: "转每分钟", "%": "", "‰": "" },
};

const unitSource = Object.keys(units)
  .filter((unit) => units[unit] !== "")
  .sort((a, b) => b.length - a.length)
  .map((unit) => unit.replace(/[$/.]/g, "\\$&"))
  .join("|");
const currencySource = Object.keys(currencies)
  .sort((a, b) => b.length - a.length)
  .map((sign) => sign.replaceAll("$", "\\$"))
  .join("|");

/** What stands after a count, so that 2 is 两. A measure that also names (月 号 楼 年级) is not one here. */
const measures =
  "个|只|条|张|本|位|次|天|年(?!级|代)|岁|人|家|间|件|块|元|角|分钟|分(?!之)|秒|小时|刻钟|周(?!年)|星期|斤|公斤|千克|克|吨|米|公里|里|厘米|毫米|升|毫升|倍|种|类|份|套|台|部|辆|座|栋|层|杯|瓶|碗|盒|包|袋|箱|双|对|组|排|步|口|门|场|届|名|万|千|亿|美元|欧元|英镑|度|英尺|磅|点钟|页|章|段|句|篇|首|幅|颗|棵|朵|片|把|支|枝|根|头|匹|艘|架|桌|队|批|遍|趟|回|顿|阵|声|句话|公顷|亩|平方米|立方米|摄氏度";

export const readQuantities: readonly MappedRewrite[] = [
  // 25℃, -5°C, 3.5kg, 120km/h; below zero it is 零下.
  rewriteAll(new RegExp(String.raw`${notInside}([-−]?)${number}\s*(${unitSource})(?![A-Za-z/])`, "g"), ([, sign, amount, unit]) => {
    const name = units[unit as string] as string;
    const minus = sign === "" ? "" : /摄氏度|华氏度/.test(name) ? "零下" : "负";
    return `${minus}${readCount((amount as string).replaceAll(",", ""))}${name}`;
  }),
  rewriteAll(new RegExp(String.raw`(${currencySource})\s?${number}(${scale})`, "g"), ([, sign, amount, times]) => {
    return `${readCount(plainAmount(amount as string))}${times}${currencies[sign as string]}`;
  }),
  rewriteAll(
    new RegExp(String.raw`${notInside}${number}(${scale})\s?(RMB|CNY|USD|EUR|GBP|HKD|JPY)(?![A-Za-z])`, "g"),
    ([, amount, times, sign]) => {
      return `${readCount(plainAmount(amount as string))}${times}${currencies[sign as string]}`;
    },
  ),
  rewriteAll(new RegExp(String.raw`((?<![\d%％‰])[-−+])?${number}\s?([%％‰])`, "g"), ([, sign, amount, mark]) => {
    const minus = sign === undefined ? "" : sign === "+" ? "正" : "负";
    return `${minus}${mark === "‰" ? "千" : "百"}分之${readNumber(amount as string)}`;
  }),
  rewriteAll(
    /(?<![\d./])(\d{1,3})\/(\d{1,3})(?![\d./])/g,
    ([, part, whole]) => `${readCardinal(whole as string)}分之${readCardinal(part as string)}`,
  ),
];

/** "12.50" of money is 12.5. */
function plainAmount(amount: string): string {
  return amount
    .replaceAll(",", "")
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

export const readNumbers: readonly MappedRewrite[] = [
  // 3-5天, 10~20; a lone sign is a minus.
  rewriteAll(/(?<=[\d零一二三四五六七八九十百千万亿度元米克升])\s*[-–—~～]\s*(?=[\d零下百])/g, () => "到"),
  rewriteAll(/(?<![\d\p{L}])[-−](?=\d)/gu, () => "负"),
  rewriteAll(/±/g, () => "正负"),
  rewriteAll(/(?<=\d)\s*[×xX*✕]\s*(?=\d)/g, () => "乘"),
  rewriteAll(/(?<=[\d一二三四五六七八九十])\s*÷\s*(?=\d)/g, () => "除以"),
  rewriteAll(/(?<=\d)\s*\+\s*(?=\d)/g, () => "加"),
  rewriteAll(/(?<=[\d\p{Script=Han}])\s*=\s*(?=[\d\p{Script=Han}])/gu, () => "等于"),
  rewriteAll(/(?<=[\d\p{Script=Han}])\s*[>＞]\s*(?=[\d])/gu, () => "大于"),
  rewriteAll(/(?<=[\d\p{Script=Han}])\s*[<＜]\s*(?=[\d])/gu, () => "小于"),
  rewriteAll(/(?<=\d)\+/g, () => "多"),
  rewriteAll(/(?:No\.|№|NO\.)\s?(\d+)/g, ([, ordinal]) => `第${readCardinal(ordinal as string)}`),
  rewriteAll(/#(\d+)/g, ([, ordinal]) => `${readCardinal(ordinal as string)}号`),
  rewriteAll(/(?<=第)(\d+)/g, ([, ordinal]) => readCardinal(ordinal as string)),
  // 1.2.3 and 192.168.0.1
  rewriteAll(/(?<![\d.])\d+(?:\.\d+){2,}(?![\d.])/g, ([version]) => version.split(".").map(readCardinal).join("点")),
  // A320, G1234: three digits and more after letters are a code.
  rewriteAll(/(?<=[A-Za-z]-?)\d{3,}(?![\d.])/g, ([code]) => readDigits(code, "幺")),
  rewriteAll(/(?<=[A-Za-z])-(?=\d)/g, () => ""),
  rewriteAll(new RegExp(String.raw`(?<![\d.,])${number}(?=多?(?:${measures}))`, "g"), ([amount]) => readCount(amount.replaceAll(",", ""))),
  rewriteAll(new RegExp(String.raw`(?<![A-Za-z][\d.]*)${number}`, "g"), ([amount]) => readNumber(amount)),
  // PM2.5, MP3, but not B2B
  rewriteAll(/\d+(?:\.\d+)?(?![\d.]*[A-Za-z\d])/g, ([amount]) => readNumber(amount)),
];
