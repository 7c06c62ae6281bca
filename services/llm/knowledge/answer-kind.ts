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

const zhPrice = /[元块欧角分毛]|美元|免费|费用|收费|手续费|%|％|百分之|不要钱/u;
const zhDuration = /(?:\d|[一二三四五六七八九十两半几])\s*(?:个)?(?:分钟|小时|工作日|天|周|星期|月|年)|之内|以内|立即|马上|当天|即时|实时/u;
const zhTime = /点|周|星期|月|上午|下午|中午|晚上|早上|\d{1,2}[:：]\d\d|营业|关门|开门|休息|节假日|每天/u;
const zhPlace = /楼|街|路|号|处|旁|层|站|室|厅|行|对面|门口|附近|柜台|里面|广场|码头|应用|菜单/u;
const zhPerson = /先生|女士|博士|教授|经理|主任|馆长|行长|员工|顾问|建筑师|设计师|[父母亲]|继承人|本人/u;

const phoneNumber = /\d{2,5}(?:[ -]\d{2,4}){1,4}|\d{6,}/u;

const kinds: readonly AnswerKind[] = [
  {
    asked: /\b(?:phone|telephone|hotline) ?(?:number)?\b|\bcall\b.*\bnumber\b|\bnumber\b.*\bcall\b|电话|号码|热线|打哪个/iu,
    given: phoneNumber,
  },
  { asked: /\be-?mail|邮箱|电子邮件/iu, given: /\w@\w/u },
  { asked: /\bwebsite|\bweb (?:page|address)|网址|网站/iu, given: /www\.|https?:|\.(?:com|org|net|example)\b/iu },
  { asked: /\bhow (?:much|expensive)\b|\b(?:cost|price|prize|pay|fee|charge)s?\b/iu, given: price },
  { asked: /\bhow long\b|\buntil when\b|\bhow old\b/iu, given: duration },
  { asked: /\bhow many\b/iu, given: /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten)\b/iu },
  { asked: /\bwhen\b|\bwhat time\b|\bhow late\b|\bhow early\b|\b(?:opening )?hours\b/iu, given: time },
  { asked: /\bwhere(?:'s|s)?\b|\baddress\b|\bwhich floor\b/iu, given: place },
  { asked: /\bwho(?:'s|s)?\b/iu, given: person },
  { asked: /多少钱|几块|收费|费用|价格|票价|价钱|贵|手续费/u, given: zhPrice },
  { asked: /多久|多长时间|几天|几个小时|多少天|几岁/u, given: zhDuration },
  { asked: /几点|什么时候|啥时候|何时|时间|哪天|星期几|周几/u, given: zhTime },
  { asked: /多少|几[个张次位名种件]/u, given: /\d|[一二三四五六七八九十百千万两]/u },
  { asked: /哪里|哪儿|在哪|地址|位置|什么地方|几楼/u, given: zhPlace },
  { asked: /谁|哪位|什么人/u, given: zhPerson },
];

/** 1 when the sentence looks like what the question asks for, 0 when it does not, 0.5 when the question does not tell. */
export function answerKindFit(question: string, sentence: string): number {
  const kind = kinds.find((candidate) => candidate.asked.test(question));
  if (!kind) return 0.5;
  return kind.given.test(sentence) ? 1 : 0;
}
