/** What a question word asks for, and how a sentence that gives it looks. */
interface AnswerKind {
  readonly asked: RegExp;
  readonly given: RegExp;
}

const price = /\b(?:euros?|dollars?|pounds?|cents?|free(?: of charge)?|price|costs?)\b|[€$£]/iu;
const duration = /\b(?:minutes?|hours?|days?|weeks?|months?|years?|until)\b/iu;
const time =
  /\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|november|december|morning|afternoon|evening|noon|closed|hours?|\d{1,2}(?::\d\d)?\s?(?:am|pm|o'clock)|1[0-9]{3}|20\d\d)\b/iu;
const place =
  /\b(?:(?:on|at|in|behind|beside|next to|in front of|to the (?:left|right) of|opposite|near) (?:the |every )?(?:\p{L}+ ){0,2}(?:floor|street|lane|hall|desk|entrance|building|lift|basin|pier|courtyard|station|road|square|room|door|garage|museum)|\d+ \p{Lu}\p{L}+ Street)\b/iu;
const person = /\b(?:by the \p{L}+ |is (?:Doctor|Professor|Mr|Mrs|Ms) |(?:Doctor|Professor) )?\p{Lu}\p{L}+ \p{Lu}\p{L}+/u;

const kinds: readonly AnswerKind[] = [
  { asked: /\bhow (?:much|expensive)\b|\b(?:cost|price|prize|pay|fee)s?\b/iu, given: price },
  { asked: /\bhow long\b|\buntil when\b|\bhow old\b/iu, given: duration },
  { asked: /\bhow many\b/iu, given: /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten)\b/iu },
  { asked: /\bwhen\b|\bwhat time\b|\bhow late\b|\bhow early\b|\b(?:opening )?hours\b/iu, given: time },
  { asked: /\bwhere(?:'s|s)?\b|\baddress\b|\bwhich floor\b/iu, given: place },
  { asked: /\bwho(?:'s|s)?\b/iu, given: person },
];

/** 1 when the sentence looks like what the question asks for, 0 when it does not, 0.5 when the question does not tell. */
export function answerKindFit(question: string, sentence: string): number {
  const kind = kinds.find((candidate) => candidate.asked.test(question));
  if (!kind) return 0.5;
  return kind.given.test(sentence) ? 1 : 0;
}
