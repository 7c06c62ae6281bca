/** A construct at the start of the text: how much of it goes, and what is said instead. */
export interface Match {
  /** UTF-16 units taken from the text. */
  readonly length: number;
  readonly emit: string;
  /** A line ends here; emit "\n" when the next line starts a paragraph. */
  readonly newline?: true;
  /** What follows is not spoken up to this text. */
  readonly skipUntil?: string;
}

const emoji = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200b-\u200d]|\ufe0e|\ufe0f|\u20e3)/u;
const citation = /^\[\^?\d+(?:\s*[,;–-]\s*\d+)*\]/u;
const wideCitation = /^【[^】\n]*】/u;
const tag = /^<\/?[a-z][^<>\n]*>/iu;
const reasoning = /^<(think|thinking|reasoning)>/iu;
const lineMarker = /^(?:#{1,6}[ \t]|>[ \t]?|[-*+•][ \t]|\d{1,2}[.)][ \t](?=\S))/u;
const rule = /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,})(?=\n|$)/u;
const maybeLineMarker = /^(?:#{1,6}|>|[-*+•_= \t]+|\d{1,2}(?:[.)][ \t]?)?|`{1,2})$/u;

/** Headings, quotes, list markers, rules and code fences. `open`: more text may follow. Undefined: an ordinary line. */
export function atLineStart(view: string, open: boolean): Match | "more" | undefined {
  if (view.startsWith("```")) return { length: 3, emit: "\n", skipUntil: "```" };
  if (open && maybeLineMarker.test(view)) return "more";
  const line = rule.exec(view) ?? lineMarker.exec(view);
  return line ? { length: line[0].length, emit: "\n" } : undefined;
}

/** The construct or the one character at the start of the text. */
export function inLine(view: string, open: boolean): Match | "more" {
  switch (view.charAt(0)) {
    case "\n":
    case "\r":
      return lineEnd(view, open);
    case "[":
    case "!":
      return bracket(view, open);
    case "【":
      return delimited(view, open, wideCitation, "】");
    case "<":
      return angle(view, open);
    case "*":
    case "_":
    case "`":
    case "|":
    case "\\":
      return { length: 1, emit: view.startsWith("|") ? " " : "" };
    case "~":
      return open && view.length < 2 ? "more" : view.startsWith("~~") ? { length: 2, emit: "" } : { length: 1, emit: "~" };
    default:
      return character(view, open);
  }
}

/** A run of line ends and the blanks around them; "\n" when it holds an empty line. */
function lineEnd(view: string, open: boolean): Match | "more" {
  const run = (/^[\s]+/u.exec(view) as RegExpExecArray)[0];
  if (open && run.length === view.length) return "more";
  return { length: run.length, emit: /\n[^\S\n]*\n/u.test(run) ? "\n" : " ", newline: true };
}

/** Links and images say their text, citation marks nothing. */
function bracket(view: string, open: boolean): Match | "more" {
  const image = view.startsWith("!");
  if (image && view.length === 1 && open) return "more";
  if (image && view.charAt(1) !== "[") return { length: 1, emit: "!" };
  const start = image ? 2 : 1;
  const end = view.indexOf("]", start);
  const lineBreak = view.indexOf("\n");
  const plain: Match = { length: 1, emit: view.charAt(0) };
  if (end < 0 || (lineBreak >= 0 && lineBreak < end)) return open && lineBreak < 0 ? "more" : plain;
  const mark = citation.exec(view);
  if (open && end + 1 === view.length) return "more";
  if (view.charAt(end + 1) !== "(") return mark ? { length: mark[0].length, emit: "" } : plain;
  const close = view.indexOf(")", end);
  if (close < 0) return open ? "more" : plain;
  return { length: close + 1, emit: mark ? "" : view.slice(start, end).replace(/[*_`[\]\n]/gu, "") };
}

function angle(view: string, open: boolean): Match | "more" {
  const match = delimited(view, open, tag, ">");
  if (match === "more" || match.emit !== "") return match;
  const block = reasoning.exec(view);
  return block ? { ...match, skipUntil: `</${block[1]}>` } : match;
}

/** Drops what `pattern` matches; when it cannot match, the opening character stands for itself. */
function delimited(view: string, open: boolean, pattern: RegExp, end: string): Match | "more" {
  const match = pattern.exec(view);
  if (match) return { length: match[0].length, emit: "" };
  const undecided = open && !view.includes(end) && !view.includes("\n") && (end !== ">" || /^<\/?(?:[a-z][^<>]*)?$/iu.test(view));
  return undecided ? "more" : { length: 1, emit: view.charAt(0) };
}

function character(view: string, open: boolean): Match | "more" {
  const point = view.codePointAt(0) as number;
  const high = point >= 0xd800 && point <= 0xdbff;
  if (high && open && view.length === 1) return "more";
  const text = String.fromCodePoint(point);
  if (!text.isWellFormed() || emoji.test(text)) return { length: text.length, emit: "" };
  if (/\s/u.test(text)) return { length: 1, emit: " " };
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/u.test(text)) return { length: text.length, emit: "" };
  return { length: text.length, emit: text };
}
