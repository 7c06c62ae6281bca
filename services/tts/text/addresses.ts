import { type Rewrite, replaceAll } from "./rewrite.ts";

const email = /(?<![\w.+-])([\w.+-]{1,64})@((?:[\w-]{1,63}\.)+[A-Za-z]{2,24})(?![\w-])/g;
const webAddress =
  /(?<![\w@.-])(?:(?:https?|ftp):\/\/|www\.)[^\s<>"')\]]*[^\s<>"')\].,;:!?]|(?<![\w@.-])(?:[\w-]{1,63}\.)+(?:com|org|net|edu|gov|io|info|biz|dev|ai)(?:\/[^\s<>"')\]]*[^\s<>"')\].,;:!?])?(?![\w-])/gi;
/** Linear on hostile text: neither part may hold what opens or closes it. */
const markdownLink = /\[([^[\]]+)\]\([^()]*\)/g;
const tag = /<\/?[A-Za-z][^<>]*>/g;
const signWords: Readonly<Record<string, string>> = {
  ".": "dot",
  "@": "at",
  "/": "slash",
  "-": "dash",
  _: "underscore",
  "+": "plus",
  "?": "question mark",
  "=": "equals",
  "&": "and",
  "#": "hash",
  "%": "percent",
  ":": "colon",
  "~": "tilde",
};

/** "[label](target)" is its label; tags are nothing. */
export const dropMarkup: readonly Rewrite[] = [replaceAll(markdownLink, ([, label = ""]) => label), replaceAll(tag, () => " ")];

/** "info@troupe.dev" -> "info at troupe dot dev"; a web address loses its scheme and "www.". */
export const readAddresses: readonly Rewrite[] = [
  replaceAll(email, ([address]) => spell(address)),
  replaceAll(webAddress, ([address]) => spell(address.replace(/^(?:\w+:\/\/)?(?:www\.)?/i, "").replace(/\/$/, ""))),
];

function spell(address: string): string {
  return address
    .replace(/[^\p{L}\p{N}]/gu, (sign) => ` ${signWords[sign] ?? ""} `)
    .replace(/\s+/g, " ")
    .trim();
}
