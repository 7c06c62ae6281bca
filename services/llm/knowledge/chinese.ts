/** Chinese words that say nothing about what is asked: particles, pronouns, question words, politeness, hesitation, modal verbs. */
export const zhStopWords: ReadonlySet<string> = new Set(
  (
    "的 了 吗 呢 吧 啊 呀 嘛 哦 噢 嗯 呃 哎 唉 哈 喂 么 着 过 得 地 之 我 你 您 他 她 它 们 我们 你们 您们 他们 她们 它们 咱们 自己 " +
    "是 在 有 没 没有 有没有 和 与 跟 或 或者 及 以及 而 但 但是 就 都 也 还 还有 又 再 很 太 更 最 只 才 可 可以 可不可以 能 能不能 能够 会 会不会 " +
    "要 想 想要 请 请问 麻烦 谢谢 你好 您好 什么 啥 怎么 怎么样 怎样 怎么办 咋 咋办 如何 为什么 为何 哪 哪里 哪儿 哪个 哪些 谁 多少 几 多 是不是 行不行 行 吗 " +
    "一下 一个 一些 一点 这 那 这个 那个 这些 那些 这里 那里 这儿 那儿 这边 那边 这样 那样 此 该 个 些 次 " +
    "不 不是 别 把 被 给 对 对于 从 到 向 往 让 由 为 为了 因为 所以 如果 的话 要是 假如 以 之后 之前 以后 以前 时候 时 后 前 里 上 下 中 " +
    "几点 什么时候 啥时候 何时 哪天 几号 多久 多长 多长时间 多大 多远 几天 " +
    "知道 告诉 说 问 问题 讲 介绍 了解 看看 看 帮 帮忙 帮我 需要 应该 必须 得到 进行 关于 有关 情况 现在 目前 今天 到底 究竟 那么 然后 于是 已经 还是 去 来 做 办 弄 搞 用 吧"
  ).split(" "),
);

const digitOf = new Map([..."零一二三四五六七八九"].map((character, value) => [character, value]));
for (const [character, value] of [
  ["〇", 0],
  ["两", 2],
  ["壹", 1],
  ["贰", 2],
  ["叁", 3],
] as const)
  digitOf.set(character, value);

const unitOf = new Map([
  ["十", 10],
  ["百", 100],
  ["千", 1000],
]);

const numeral = "[零〇一二两三四五六七八九十百千万亿]";
const measure =
  "点|元|块|角|岁|天|小时|分钟|秒|折|号|楼|层|月|年|万|亿|次|张|人|周|星期|日|名|位|种|倍|页|米|公里|公斤|克|美元|欧元|港币|路|个月|个工作日|个小时|级|笔|步|成";
/** Two or more numerals, or one before a measure word: "一般" and "万一" hold no number. */
const numberInText = new RegExp(`(?<![星期周拜第])(?:${numeral}{2,}|${numeral}(?=${measure}))`, "gu");

/** "二十四小时" becomes "24小时"; what cannot be read as a number stays. */
export function numbersToDigits(text: string): string {
  return text.replace(numberInText, (match) => String(readNumber(match) ?? match));
}

/** @returns undefined for what is no number, such as 万一 */
function readNumber(text: string): number | undefined {
  if (/^[万亿百千]/u.test(text)) return undefined;
  if (!/[十百千万亿]/u.test(text)) return Number([...text].map((character) => digitOf.get(character)).join(""));
  let total = 0;
  let section = 0;
  let digit: number | undefined;
  for (const character of text) {
    const unit = unitOf.get(character);
    if (character === "万" || character === "亿") {
      total = (total + section + (digit ?? 0)) * (character === "万" ? 10_000 : 100_000_000);
      section = 0;
      digit = undefined;
    } else if (unit !== undefined) {
      section += (digit ?? 1) * unit;
      digit = undefined;
    } else digit = digitOf.get(character);
  }
  return total + section + (digit ?? 0);
}

const days = new Map(
  Object.entries({
    一: "monday",
    二: "tuesday",
    三: "wednesday",
    四: "thursday",
    五: "friday",
    六: "saturday",
    日: "sunday",
    天: "sunday",
    末: "weekend",
  }),
);

/** One name for 周一, 星期一 and 礼拜一; it is the English one, so that spans of days are read in one place. */
export function weekdaysToEnglish(text: string): string {
  return text.replace(/(?:星期|礼拜|周)([一二三四五六日天末])/gu, (_match, day: string) => ` ${days.get(day)} `);
}
