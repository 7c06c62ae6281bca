import type { Delivery } from "../backends/backend.ts";

interface Cue {
  readonly delivery: Delivery;
  readonly pattern: RegExp;
}

/** Sad news and excuses go before joy: "I'm sorry for your loss!" is not said with excitement. */
const cues: readonly Cue[] = [
  {
    delivery: "gentle",
    pattern: /\b(?:i(?:['’]m| am)|we(?:['’]re| are)) (?:so |very |truly |really |terribly |deeply )?(?:sorry|afraid)\b/i,
  },
  { delivery: "gentle", pattern: /\b(?:my|our|i|we) (?:sincere |deepest )?(?:apolog(?:ies|ize|ise)|condolences|sympathy|sympathies)\b/i },
  { delivery: "gentle", pattern: /^\s*(?:sorry|unfortunately|regrettably|sadly)\b/i },
  {
    delivery: "gentle",
    pattern: /\b(?:passed away|(?:sorry )?for your loss|take your time|don['’]t worry|no need to worry|rest in peace)\b/i,
  },
  {
    delivery: "gentle",
    pattern: /抱歉|对不起|對不起|不好意思|遗憾|遺憾|节哀|節哀|哀悼|去世|过世|過世|别担心|別擔心|请放心|請放心|不用着急|慢慢来|慢慢來/,
  },
  {
    delivery: "excited",
    pattern: /\b(?:congratulations|congrats|well done|bravo|hooray|hurray|happy birthday|fantastic news|great news|good news)\b/i,
  },
  { delivery: "excited", pattern: /恭喜|祝贺|祝賀|太棒了|太好了|好消息|生日快乐|生日快樂|加油/ },
  { delivery: "excited", pattern: /^\s*(?:wow|yay|amazing|fantastic|wonderful|awesome|brilliant|excellent)\b[^.?。？]*[!！]/i },
  { delivery: "excited", pattern: /[!！]\s*[!！]/ },
];

/** Greetings and thanks end in an exclamation mark without being excited. */
const politeExclamation =
  /^\s*(?:hello|hi|hey|welcome|good (?:morning|afternoon|evening|day|night|bye)|goodbye|bye|thanks?|thank you|please|sure|of course|yes|no|ok(?:ay)?|你好|您好|欢迎|歡迎|谢谢|謝謝|再见|再見|早上好|晚上好|好的|请)/iu;
const exclamation = /[!！]["'”’」』)）\s]*$/u;

/** How the words of a clause, English or Chinese, ask to be said; "neutral" where nothing suggests otherwise. */
export function inferDelivery(text: string): Delivery {
  const cue = cues.find(({ pattern }) => pattern.test(text));
  if (cue) return cue.delivery;
  return exclamation.test(text) && !politeExclamation.test(text) ? "excited" : "neutral";
}
