import { infixPattern, prefixPattern, suffixPattern } from "./token-patterns.ts";

/** A token and whether white space follows it. */
export interface RawToken {
  readonly text: string;
  readonly spaceAfter: boolean;
}

type Exceptions = ReadonlyMap<string, readonly string[]>;

/** Splits text as spaCy does for English: exceptions, then prefixes and suffixes, then infixes, then exceptions once more. */
export function tokenize(text: string, exceptions: Exceptions): RawToken[] {
  const chunks = text.match(/\S+/gu) ?? [];
  return chunks.flatMap((chunk, index) => {
    const tokens = splitChunk(chunk, exceptions);
    return tokens.map((token, at) => ({ text: token, spaceAfter: at === tokens.length - 1 && index < chunks.length - 1 }));
  });
}

function splitChunk(chunk: string, exceptions: Exceptions): readonly string[] {
  const whole = exceptions.get(chunk);
  if (whole) return whole;
  const { before, core, after } = peel(chunk, exceptions);
  const middle = core === "" ? [] : (exceptions.get(core) ?? splitInfixes(core));
  const tokens = [...before, ...middle, ...after];
  return tokens.length > 1 ? rejoin(tokens, exceptions) : tokens;
}

/** Takes prefixes and suffixes off in turns until nothing is left to take or an exception remains. */
function peel(chunk: string, exceptions: Exceptions) {
  const before: string[] = [];
  const after: string[] = [];
  let core = chunk;
  for (let length = -1; core !== "" && core.length !== length && !exceptions.has(core); ) {
    length = core.length;
    const prefix = prefixPattern.exec(core)?.[0] ?? "";
    if (prefix !== "" && exceptions.has(core.slice(prefix.length))) {
      before.push(prefix);
      core = core.slice(prefix.length);
      break;
    }
    const suffix = findSuffix(core.slice(prefix.length));
    if (suffix !== "" && exceptions.has(core.slice(0, -suffix.length))) {
      after.unshift(suffix);
      core = core.slice(0, -suffix.length);
      break;
    }
    if (prefix !== "") before.push(prefix);
    if (suffix !== "" && prefix.length + suffix.length <= core.length) {
      after.unshift(suffix);
      core = core.slice(prefix.length, core.length - suffix.length);
    } else {
      core = core.slice(prefix.length);
    }
  }
  return { before, core, after };
}

/** The longest suffixes are ellipses; a window keeps the search linear on hostile text. */
function findSuffix(text: string): string {
  return suffixPattern.exec(text.slice(-24))?.[0] ?? "";
}

function splitInfixes(core: string): string[] {
  const tokens: string[] = [];
  let from = 0;
  for (const { 0: infix, index } of core.matchAll(infixPattern)) {
    if (index === 0) continue;
    if (index > from) tokens.push(core.slice(from, index));
    tokens.push(infix);
    from = index + infix.length;
  }
  if (from < core.length) tokens.push(core.slice(from));
  return tokens;
}

/** "Sept" "." -> "Sept.": neighbours that spell an exception together. */
function rejoin(tokens: readonly string[], exceptions: Exceptions): string[] {
  const result: string[] = [];
  for (let index = 0; index < tokens.length; ) {
    const count = [3, 2].find((size) => index + size <= tokens.length && exceptions.has(tokens.slice(index, index + size).join(""))) ?? 1;
    const joined = tokens.slice(index, index + count).join("");
    result.push(...(count > 1 ? (exceptions.get(joined) as readonly string[]) : [joined]));
    index += count;
  }
  return result;
}
