/**
 * Orders to a language model, as people paste or plant them. The object of "ignore" matters: "please ignore the old price list" is a
 * fact, "ignore your instructions" is an order.
 */
const orders: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|directives?|programming|everything (?:above|before)|(?:all|everything) (?:you|i) (?:were|was|have|'ve))\b/iu,
  /\b(?:system|developer|hidden|initial|secret)\s+(?:prompt|message|instructions?)\b/iu,
  /\b(?:reveal|print|repeat|show|output|reproduce|leak|dump)\b[^.!?]{0,30}\b(?:your|the|all)\b[^.!?]{0,20}\b(?:prompt|instructions?|configuration|guidelines)\b/iu,
  /\b(?:you are|you're) (?:now|from now on|no longer)\b/iu,
  /\bfrom now on,? (?:you|say|answer|reply|respond|always|only)\b/iu,
  /\b(?:pretend|act|role-?play|behave)\b[^.!?]{0,15}\b(?:to be|as if|as an?|like an?|you(?:'re| are)) /iu,
  /\b(?:reply|respond|answer|say|repeat|output|write)\b[^.!?]{0,20}\b(?:only|exactly|nothing but|the (?:word|words|phrase|following)|after me)\b/iu,
  /\b(?:ai|language model|assistant|chatbot|llm|bot)\b[^.!?]{0,40}\b(?:must|should|shall|has to|is (?:ordered|instructed|told)|instructions?)\b[^.!?]{0,40}\b(?:say|reply|respond|tell|answer|ignore|recommend|send|reveal|output|read out)\b/iu,
  /\b(?:jailbreak|developer mode|do anything now|DAN mode|sudo mode|god mode)\b/iu,
  /<\|?\/?(?:im_start|im_end|system|assistant|endoftext|instructions?)\|?>|\[\/?INST\]|<<\/?SYS>>|^\s*(?:system|assistant|user)\s*:/imu,
  /(?:忽略|无视|忘记|忘掉|不要理会|不用管|绕过|抛开)[^。！？]{0,16}(?:指令|指示|提示词?|规则|规定|设定|要求|限制|命令|前面的|之前的|上面的|以上)/u,
  /(?:系统|初始|隐藏|内部|开发者)(?:提示词?|指令|消息|设定|模式)/u,
  /(?:输出|透露|泄露|显示|打印|重复|复述|公开|告诉我|念出)[^。！？]{0,12}(?:提示词|指令|系统设定|内部设定|system prompt)/iu,
  /(?:从现在(?:开始|起)|现在起|接下来)[^。！？]{0,8}(?:你|请|只|都|一律|必须)/u,
  /你(?:现在|从此|其实)?(?:是一个|是一名|不再是|要扮演|扮演|假装)/u,
  /(?:扮演|假装(?:你|自己)?是|充当)/u,
  /(?:请)?(?:只|仅|必须|一律|直接)(?:能|要|准)?(?:回复|回答|说|输出)(?:[:“"「『]|[^。！？]{0,10}(?:这|以下|四个字|两个字|三个字|一句))/u,
  /(?:跟着?我|照着?)(?:念|说|读|重复)|重复(?:以下|下面|这句)|(?:大声)?(?:说出|喊出|念出)[:“"「『]/u,
  /(?:人工智能|助手|机器人|语言模型|大模型|AI)[^。！？]{0,20}(?:必须|应当|应该|务必|请|需要)[^。！？]{0,20}(?:说|回复|回答|告诉|忽略|推荐|发送|透露|输出|念)/iu,
];

/** True for a text that orders the answerer about: from a document it is never said or shown to a model, from a person it is no question. */
export function isInstruction(text: string): boolean {
  const plain = text.normalize("NFKC").replace(/[\p{Cf}]/gu, "");
  return orders.some((order) => order.test(plain));
}
