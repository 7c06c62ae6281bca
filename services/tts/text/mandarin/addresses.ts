import { type MappedRewrite, rewriteAll } from "./mapped-text.ts";
import { readDigits } from "./numbers.ts";

const email = /[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[A-Za-z]{2,24}(?![\w-])/g;
const webAddress =
  /(?:(?:https?|ftp):\/\/|www\.)[\w\-./?=&#%:~+@]*[\w/]|(?<![\w@.-])(?:[\w-]{1,63}\.)+(?:com|org|net|edu|gov|cn|io|info|dev|ai|tv|cc)(?:\/[\w\-./?=&#%:~+]*[\w/])?(?![\w-])/gi;
const signs: Readonly<Record<string, string>> = {
  ...{
    ".": "点",
    "@": "艾特",
    "/": "斜杠",
    "-": "杠",
    _: "下划线",
    "+": "加",
    "?": "问号",
    "=": "等于",
    "&": "和",
    "#": "井号",
    "%": "百分号",
  },
  ...{ ":": "冒号", "~": "波浪线" },
};

/** Links lose their target, tags and emphasis marks go; addresses are spelled with the names of their signs. */
export const readAddresses: readonly MappedRewrite[] = [
  rewriteAll(/\[([^[\]]+)\]\([^()]*\)/g, ([, label]) => label),
  rewriteAll(/<\/?[A-Za-z][^<>]*>/g, () => " "),
  rewriteAll(/[*_`]{2,}|[`*]/g, ([mark]) => (mark === "*" ? undefined : " ")),
  rewriteAll(email, ([address]) => spell(address)),
  rewriteAll(webAddress, ([address]) => spell(address.replace(/^(?:\w+:\/\/)?(?:www\.)?/i, "").replace(/\/$/, ""))),
];

function spell(address: string): string {
  return ` ${address.replace(/\d+/g, (digits) => readDigits(digits)).replace(/[^\p{L}\p{N}]/gu, (sign) => ` ${signs[sign] ?? ""} `)} `;
}
