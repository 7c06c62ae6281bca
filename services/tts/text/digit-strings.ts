import { type Rewrite, replaceAll } from "./rewrite.ts";

const spelled = (digits: string) => digits.replace(/\D/g, "").split("").join(" ");
/** Groups of digits, each digit by digit, with a pause between groups. */
const inGroups = (text: string) =>
  text
    .split(/\D+/)
    .filter((group) => group !== "")
    .map(spelled)
    .join(", ");

const international = /(?<![\w.-])\+\d{1,3}(?:[ .-]?\(\d{1,4}\)|[ .-]\d{1,4})(?:[ .-]\d{2,4}){1,4}(?![\w-])/g;
const national = /(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[.-]\d{4}(?![\w-])/g;
const local = /(?<![\w.-])\d{3}-\d{4}(?![\w.-])/g;
/** ISBNs, serial and account numbers. */
const hyphenated = /(?<![\w.-])\d+(?:-\d+){3,}(?![\w-])/g;

/** Telephone numbers and the like, digit by digit: "+1 (212) 555-0187", "212.555.0187", "555-0123". */
export const readDigitStrings: readonly Rewrite[] = [
  replaceAll(international, ([number]) => `plus ${inGroups(number)}`),
  replaceAll(national, ([number]) => inGroups(number)),
  replaceAll(hyphenated, ([number]) => inGroups(number)),
  replaceAll(local, ([number]) => inGroups(number)),
];
