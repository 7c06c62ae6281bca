/** The punctuation, symbols and units that come off the ends of a chunk or split it, after the English rules of spaCy. */

const letter = String.raw`\p{L}`;
const lower = "a-zß-öø-ÿ";
const upper = "A-ZÀ-ÖØ-Þ";
const quotes = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉";
const marks = "…,:;!?¿¡()[]{}<>_#*&。？！，、；：～·";
const icons = "™®©°§¶†‡•";
const currency = String.raw`\$|£|€|¥|฿|US\$|C\$|A\$|₽|₹|₩|₪|₺|₴|₦|₫|₱|₲|₵|₸|₼|₾|₿`;
const units =
  "km|km²|km³|m|m²|m³|dm|dm²|dm³|cm|cm²|cm³|mm|mm²|mm³|ha|µm|nm|yd|in|ft|kg|g|mg|µg|t|lb|oz|m/s|km/h|kmh|mph|hPa|Pa|mbar|mb|MB|kb|KB|gb|GB|tb|TB|T|G|M|K|%";

const escapeSet = (characters: string) => characters.replace(/[\\\]^[-]/g, "\\$&");
const oneOf = (characters: string) => `[${escapeSet(characters)}]`;

/** What comes off the front. */
export const prefixPattern = new RegExp(
  `^(?:${["§", "%", "=", "—", "–", String.raw`\+(?![0-9])`, "…", oneOf(marks), String.raw`\.\.+`, oneOf(quotes), currency, oneOf(icons)].join("|")})`,
  "u",
);

/** What comes off the end; tried on the last characters only. */
export const suffixPattern = new RegExp(
  `(?:${[
    "…",
    oneOf(marks),
    String.raw`\.\.+`,
    oneOf(quotes),
    oneOf(icons),
    "'s",
    "'S",
    "’s",
    "’S",
    "—",
    "–",
    String.raw`(?<=[0-9])\+`,
    String.raw`(?<=°[FfCcKk])\.`,
    `(?<=[0-9])(?:${currency})`,
    `(?<=[0-9])(?:${units})`,
    String.raw`(?<=[0-9${lower}%²\-+${escapeSet(marks)}${escapeSet(quotes)}])\.`,
    String.raw`(?<=[${upper}][${upper}])\.`,
  ].join("|")})$`,
  "u",
);

/** What splits the middle. */
export const infixPattern = new RegExp(
  [
    String.raw`\.\.+`,
    "…",
    oneOf(icons),
    String.raw`(?<=[0-9])[+\-*^](?=[0-9-])`,
    String.raw`(?<=[${lower}${escapeSet(quotes)}])\.(?=[${upper}${escapeSet(quotes)}])`,
    `(?<=${letter}),(?=${letter})`,
    `(?<=[\\p{L}\\p{N}])(?:-|–|—|--|---|——|~)(?=${letter})`,
    `(?<=[\\p{L}\\p{N}])[:<>=/](?=${letter})`,
  ].join("|"),
  "gu",
);

/** The pieces of a token that are read one by one: letter runs, numbers, camel-case humps, joints. */
export const subtokenPattern =
  /^['‘’]+|[A-ZÀ-ÖØ-Þ](?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ])|(?:^-)?(?:\d?[,.]?\d)+|[-_]+|['‘’]{2,}|\p{L}*?(?:['‘’]\p{L})*?[a-zß-öø-ÿ](?=[A-ZÀ-ÖØ-Þ])|\p{L}+(?:['‘’]\p{L})*|[^\p{L}\p{N}_\-'‘’]|['‘’]+$/gu;
