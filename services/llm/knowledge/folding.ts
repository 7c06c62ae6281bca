import { Converter } from "opencc-js/t2cn";

/** Traditional to simplified characters, by phrase (data of OpenCC). */
const simplify = Converter({ from: "t", to: "cn" });

/**
 * One writing for what is said in one way: full and half width alike, traditional characters as simplified ones, blanks as one.
 * For comparing, never for showing.
 */
export function foldText(text: string): string {
  const plain = text
    .normalize("NFKC")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, " ")
    .trim();
  return /\p{Script=Han}/u.test(plain) ? simplify(plain) : plain;
}
