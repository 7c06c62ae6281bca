import { foldText, placedContentWords } from "../knowledge/index.ts";
import type { Readings } from "./follow-up.ts";

const opener = /^(?:(?:那么?|还有|然后|另外|对了|哦|噢|好的?|所以|可是|但是|如果是|要是|换成|比如)[\s,，、]*)+/u;
const closing = /(?:的话)?(?:又)?(?:呢|吗|嘛|啊|吧|呀)?[\s?？。.!！]*$/u;
/** "学生呢？" asks the earlier question anew of something else. */
const anew = /呢[\s?？。.!！]*$/u;
const pronoun = /它们|它|那里|那儿|那边|这里|这儿|那个|这个|这种|那种|这样|那样|他们|她们|其/u;
const asks =
  /什么|怎么|怎样|如何|多少|多久|多长|多大|多远|几|哪|谁|为什么|能不能|可不可以|是不是|有没有|要不要|何时|可以|需要|要.*吗|[吗?？]\s*$/u;
const longestEllipsis = 14;
const longestLeaning = 18;
const maxReadings = 6;

/** A Chinese question in the light of the one before. @param earlier "" when there is none */
export function readChinese(asked: string, earlier: string): Readings {
  const [question, before] = [foldText(asked), foldText(earlier)];
  const rest = question.replace(opener, "").replace(closing, "").trim();
  if (before === "" || rest === "") return [question];
  const opened = opener.test(question);
  const content = wordsIn(rest);
  if (anew.test(question) && !asks.test(rest) && rest.length <= longestEllipsis) return substitute(rest, before);
  if (!asks.test(question) && (opened || content.length <= 2) && rest.length <= longestEllipsis) return substitute(rest, before);
  if (pronoun.test(rest) && rest.length <= longestLeaning) return [rest.replace(pronoun, topicOf(before)), joined(rest, before), question];
  if ((opened || content.length <= 1) && rest.length <= longestLeaning) return [joined(rest, before), question];
  return [question];
}

/** Puts the new words in the place of each word of the earlier question in turn, and beside it. */
function substitute(words: string, before: string): Readings {
  const bare = words.replace(/^(?:给|对|在|从|到|用|按|是)/u, "");
  const swapped = wordsIn(before)
    .toReversed()
    .map((target) => before.replace(target, bare));
  return [...new Set([joined(words, before), ...swapped])].slice(0, maxReadings) as unknown as Readings;
}

function joined(words: string, before: string): string {
  return `${before.replace(/[\s?？。.!！]+$/u, "")}，${words}`;
}

function topicOf(before: string): string {
  return wordsIn(before).slice(0, 3).join("");
}

/** The words that carry meaning, as they are written. */
function wordsIn(text: string): string[] {
  const folded = foldText(text);
  return placedContentWords(folded).map(({ start, end }) => folded.slice(start, end));
}
