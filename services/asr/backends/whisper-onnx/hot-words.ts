import type { Encode } from "./byte-pair-encoding.ts";

/** What hot words are worth, in natural logarithms of probability. */
export interface HotWordBonus {
  /** For a token that begins one. */
  readonly start: number;
  /** For each token that continues one. */
  readonly next: number;
}

/** The hot words as a tree of their tokens. */
export interface HotWordTree {
  readonly children: Map<number, HotWordTree>;
}

/** Every word as it stands within a sentence, and, for a script without spaces or the start of a text, without the space. */
export function buildHotWordTree(words: readonly string[], encode: Encode): HotWordTree {
  const root: HotWordTree = { children: new Map() };
  for (const word of words) {
    const spelling = word.trim();
    if (spelling === "") continue;
    for (const text of [` ${spelling}`, spelling]) insert(root, text.split(/(?= )/).flatMap(encode));
  }
  return root;
}

function insert(root: HotWordTree, tokens: readonly number[]): void {
  let node = root;
  for (const token of tokens) {
    const child: HotWordTree = node.children.get(token) ?? { children: new Map() };
    node.children.set(token, child);
    node = child;
  }
}

/**
 * Shallow fusion with a prefix tree (Zhao et al. 2019) for greedy decoding: tokens that begin or continue a hot word are preferred to
 * others that are up to a bonus more probable. What is never near to being heard is never written.
 */
export class HotWordBias {
  readonly #root: HotWordTree;
  readonly #bonus: HotWordBonus;
  #active: readonly HotWordTree[] = [];

  constructor(root: HotWordTree, bonus: HotWordBonus) {
    this.#root = root;
    this.#bonus = bonus;
  }

  /** The best token, the bonuses counted in. */
  choose(logits: Float32Array, best: number): number {
    let chosen = best;
    let highest = logits[best] as number;
    const consider = (node: HotWordTree, bonus: number) => {
      for (const token of node.children.keys()) {
        const value = (logits[token] as number) + bonus;
        if (value <= highest) continue;
        highest = value;
        chosen = token;
      }
    };
    consider(this.#root, this.#bonus.start);
    for (const node of this.#active) consider(node, this.#bonus.next);
    return chosen;
  }

  /** Follows the text. */
  advance(token: number): void {
    this.#active = [this.#root, ...this.#active].flatMap((node) => node.children.get(token) ?? []);
  }
}
