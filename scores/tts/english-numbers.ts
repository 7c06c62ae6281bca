const units =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
const unitOrdinals =
  "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth";
const tens = "twenty thirty forty fifty sixty seventy eighty ninety";
const tenOrdinals = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth";
const decades = "twenties thirties forties fifties sixties seventies eighties nineties";

const numbers = (words: string, valueAt: (index: number) => number) =>
  words.split(" ").map((word, index) => [word, valueAt(index)] as const);
const values: ReadonlyMap<string, number> = new Map([
  ...numbers(units, (index) => index),
  ...numbers(unitOrdinals, (index) => index),
  ...[tens, tenOrdinals, decades].flatMap((words) => numbers(words, (index) => 10 * (index + 2))),
]);
const scales: ReadonlyMap<string, number> = new Map([
  ["hundred", 100],
  ["thousand", 1_000],
  ["million", 1_000_000],
  ["billion", 1_000_000_000],
]);

/** Numbers as digits, in whatever words or digits they stand; those that follow one another become one token. */
export function joinNumbers(words: readonly string[]): readonly string[] {
  const tokens: string[] = [];
  for (let at = 0; at < words.length; ) {
    const run = words.slice(at, at + runLength(words, at));
    if (run.length === 0) tokens.push(words[at++] as string);
    else {
      tokens.push(digitsOf(run));
      at += run.length;
    }
  }
  return tokens;
}

const isNumber = (word: string | undefined) => word !== undefined && (values.has(word) || /^\d+$/.test(word));

function runLength(words: readonly string[], from: number): number {
  if (!isNumber(words[from])) return 0;
  let to = from + 1;
  while (isNumber(words[to]) || scales.has(words[to] ?? "") || (words[to] === "oh" && isNumber(words[to + 1]))) to++;
  return to - from;
}

/** A number on its way: what is complete up to a scale, the part after it, and how much may still be added to the part. */
interface Sum {
  readonly total: number;
  readonly part: number | undefined;
  readonly room: number;
}

const nothing: Sum = { total: 0, part: undefined, room: 0 };

/** "twelve hundred five" -> 1205; what does not add up starts anew: "ten thirty" -> 1030, "nineteen forty five" -> 1945. */
function digitsOf(run: readonly string[]): string {
  let digits = "";
  let sum = nothing;
  for (const word of run) {
    const next = added(sum, word);
    if (!next) digits += written(sum);
    if (!next && /^0\d/.test(word)) digits += word;
    sum = next ?? (/^0\d/.test(word) ? nothing : (added(nothing, word) as Sum));
  }
  return digits + written(sum);
}

const written = ({ total, part }: Sum) => (part === undefined && total === 0 ? "" : String(total + (part ?? 0)));

/** undefined when the word begins another number. */
function added({ total, part, room }: Sum, word: string): Sum | undefined {
  const scale = scales.get(word);
  if (scale === 100) return { total, part: (part ?? 1) * 100, room: 100 };
  if (scale !== undefined) return { total: total + (part ?? 1) * scale, part: undefined, room: scale };
  if (/^0\d/.test(word)) return undefined;
  const value = word === "oh" ? 0 : (values.get(word) ?? Number(word));
  const starts = part === undefined && (total === 0 || value < room);
  if (!starts && (value === 0 || value >= room || part === undefined)) return undefined;
  const isTens = value >= 20 && value < 100 && value % 10 === 0 && !/^\d/.test(word);
  return { total, part: (part ?? 0) + value, room: isTens ? 10 : 0 };
}
