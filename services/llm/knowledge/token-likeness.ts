import type { Embedder, EmbedOptions, EncodedText, TextRole } from "./embedder.ts";

/**
 * The tokens of a text as directions: what all tokens of a language have in common is taken off, since without that every two
 * tokens of a sentence encoder look alike (Mu and Viswanath 2018, All-but-the-Top).
 */
export interface TokenMatrix {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Rows of unit length, [tokens, dimensions]. */
  readonly rows: Float32Array;
}

/** Everyday sentences, none of any tenant; their mean token is what is taken off. */
const everyday: Record<string, readonly string[]> = {
  en: [
    "Please wait here for a moment, I will be right back.",
    "The children played in the garden until it got dark.",
    "We could not find the key, so we asked a neighbour.",
    "How much does it cost, and when can I pick it up?",
    "You will need a form, a photo and some patience.",
    "The train was late because of the snow last night.",
    "Is there anyone who can help me with this machine?",
    "My brother lives abroad and writes a letter every month.",
    "It is closed on holidays, but open on most weekends.",
    "Which colour would you like, the red one or the blue one?",
  ],
  zh: [
    "请在这里稍等一下，我马上就回来。",
    "孩子们在花园里一直玩到天黑。",
    "我们找不到钥匙，所以去问了邻居。",
    "这个多少钱，什么时候可以来取？",
    "您需要一张表格、一张照片和一点耐心。",
    "昨天晚上下雪，火车晚点了。",
    "有没有人能帮我看看这台机器？",
    "我哥哥住在国外，每个月写一封信。",
    "节假日不开门，周末一般都开。",
    "您喜欢哪种颜色，红色的还是蓝色的？",
  ],
};

/** Encodes texts of one language. */
export interface TokenEncoder {
  /** @param texts folded; at least one */
  encode(
    texts: readonly string[],
    role: TextRole,
    options: EmbedOptions,
  ): Promise<{ readonly matrix: TokenMatrix; readonly vector: Float32Array }[]>;
  /** The same; the most recent ones are kept for the next question. */
  encodeKept(texts: readonly string[], role: TextRole, options: EmbedOptions): Promise<TokenMatrix[]>;
}

/** The encoders of all languages, for all tenants. */
export interface TokenEncoders {
  /** @param language primary subtag */
  of(language: string, options: EmbedOptions): Promise<TokenEncoder>;
}

/** 60 MB, at 1.5 KB each. */
const mostKeptTokens = 40_000;

/**
 * One for a process: what it keeps is bounded for all languages and tenants together. A text is kept by its words alone, so two tenants
 * who wrote the same share what is kept.
 */
export function createTokenEncoders(embedder: Embedder, keptTokens = mostKeptTokens): TokenEncoders {
  const encoders = new Map<string, Promise<TokenEncoder>>();
  const kept = new Map<string, TokenMatrix>();
  return {
    async of(language, options) {
      const known = everyday[language] === undefined ? "" : language;
      const encoder = encoders.get(known) ?? createTokenEncoder(known, embedder, { kept, keptTokens }, options);
      encoders.set(known, encoder);
      return await encoder;
    },
  };
}

interface Keeping {
  /** By language, role and text; the oldest first. */
  readonly kept: Map<string, TokenMatrix>;
  readonly keptTokens: number;
}

async function createTokenEncoder(
  language: string,
  embedder: Embedder,
  { kept, keptTokens }: Keeping,
  options: EmbedOptions,
): Promise<TokenEncoder> {
  const sentences = everyday[language] ?? Object.values(everyday).flat();
  const mean = meanToken(await embedder.encode(sentences, "passage", options));

  const encode: TokenEncoder["encode"] = async (texts, role, encodeOptions) => {
    const encoded = await embedder.encode(texts, role, encodeOptions);
    return encoded.map((text) => ({ matrix: withoutMean(text, mean), vector: text.vector }));
  };

  return {
    encode,
    async encodeKept(texts, role, encodeOptions) {
      const keyOf = (text: string) => `${language} ${role} ${text}`;
      const missing = [...new Set(texts)].filter((text) => !kept.has(keyOf(text)));
      const found = new Map(texts.map((text) => [text, kept.get(keyOf(text))]));
      (await encode(missing, role, encodeOptions)).forEach(({ matrix }, index) => {
        found.set(missing[index] as string, matrix);
      });
      for (const [text, matrix] of found) {
        kept.delete(keyOf(text));
        kept.set(keyOf(text), matrix as TokenMatrix);
      }
      dropOldest(kept, keptTokens);
      return texts.map((text) => found.get(text) as TokenMatrix);
    },
  };
}

function dropOldest(kept: Map<string, TokenMatrix>, keptTokens: number): void {
  let tokens = kept.values().reduce((sum, { starts }) => sum + starts.length, 0);
  for (const [key, { starts }] of kept) {
    if (tokens <= keptTokens) return;
    kept.delete(key);
    tokens -= starts.length;
  }
}

/**
 * For each token of `asked`, its likeness (-1..1) to the nearest token of `told`; tokens without a place count as 0.
 * This is the recall of BERTScore (Zhang et al. 2020), token by token.
 * @param span the part of the told text that is compared, UTF-16 units; all of it without
 */
export function nearestTokens(asked: TokenMatrix, told: TokenMatrix, span?: readonly [start: number, end: number]): Float32Array {
  const nearest = new Float32Array(asked.starts.length);
  const others = [...told.starts.keys()].filter((token) => stands(told, token, span)).map((token) => rowOf(told, token));
  for (let token = 0; token < nearest.length; token++) {
    if (asked.ends[token] === asked.starts[token]) continue;
    const row = rowOf(asked, token);
    let best = -1;
    for (const other of others) best = Math.max(best, dot(row, other));
    nearest[token] = best;
  }
  return nearest;
}

function stands({ starts, ends }: TokenMatrix, token: number, span: readonly [number, number] | undefined): boolean {
  const [start, end] = [starts[token] as number, ends[token] as number];
  return start !== end && (span === undefined || (start >= span[0] && end <= span[1]));
}

/** The mean likeness of the tokens that stand in a word. */
export function wordLikeness(asked: TokenMatrix, nearest: Float32Array, start: number, end: number): number {
  let sum = 0;
  let count = 0;
  for (let token = 0; token < nearest.length; token++) {
    const [from, to] = [asked.starts[token] as number, asked.ends[token] as number];
    if (from === to || from >= end || to <= start) continue;
    sum += nearest[token] as number;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/** Dot product of two vectors of one length. */
export function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number);
  return sum;
}

function rowOf({ rows, starts }: TokenMatrix, token: number): Float32Array {
  const dimensions = rows.length / starts.length;
  return rows.subarray(token * dimensions, (token + 1) * dimensions);
}

function meanToken(texts: readonly EncodedText[]): Float32Array {
  const rows = texts.flatMap((text) =>
    [...text.starts.keys()].filter((token) => text.ends[token] !== text.starts[token]).map((token) => rowOf(text, token)),
  );
  const mean = new Float32Array(rows[0]?.length ?? 0);
  for (const row of rows) {
    for (let index = 0; index < mean.length; index++) mean[index] = (mean[index] as number) + (row[index] as number) / rows.length;
  }
  return mean;
}

function withoutMean(text: EncodedText, mean: Float32Array): TokenMatrix {
  const rows = new Float32Array(text.rows.length);
  for (let token = 0; token < text.starts.length; token++) {
    const row = rowOf(text, token).map((value, index) => value - (mean[index] as number));
    const length = Math.hypot(...row) || 1;
    rows.set(
      row.map((value) => value / length),
      token * mean.length,
    );
  }
  return { starts: text.starts, ends: text.ends, rows };
}
