import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { buildHotWordTree, HotWordBias } from "./hot-words.ts";
import { readVocabulary, type Vocabulary } from "./vocabulary.ts";

const manifestDir = fileURLToPath(new URL("../../../../models/", import.meta.url));

describe("hot words", () => {
  let vocabulary: Vocabulary;
  beforeAll(async () => {
    const store = createModelStore({ manifestDir, cacheDir: defaultCacheDir(process.env, homedir()) });
    vocabulary = await readVocabulary((await store.resolve("whisper-tiny-en")).file("tokenizer.json"), false);
  });

  it("are encoded as the model was trained on, and back", () => {
    expect(vocabulary.encode(" the")).toHaveLength(1);
    expect(vocabulary.encode(" museum").length).toBeLessThanOrEqual(2);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
        expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
      }),
    );
  });

  it("win over what is little more probable, and lose to what is much more", () => {
    const tree = buildHotWordTree(["Digium"], vocabulary.encode);
    const [first = 0, second = 0] = vocabulary.encode(" Digium");
    const other = vocabulary.encode(" the")[0] as number;
    const logits = (lead: number, token: number) => {
      const values = new Float32Array(51_864).fill(-20);
      values[other] = 0;
      values[token] = -lead;
      return values;
    };
    const bias = new HotWordBias(tree, { start: 1, next: 3 });
    expect(bias.choose(logits(0.9, first), other)).toBe(first);
    expect(bias.choose(logits(1.1, first), other)).toBe(other);
    expect(bias.choose(logits(2, second), other)).toBe(other);
    bias.advance(first);
    expect(bias.choose(logits(2, second), other)).toBe(second);
    expect(bias.choose(logits(3.1, second), other)).toBe(other);
    bias.advance(other);
    expect(bias.choose(logits(2, second), other)).toBe(other);
  });

  it("may be several words, and none when they are blank", () => {
    const tree = buildHotWordTree(["Comedian Mail", " "], vocabulary.encode);
    let node = tree;
    for (const token of [...vocabulary.encode(" Comedian"), ...vocabulary.encode(" Mail")]) {
      const child = node.children.get(token);
      expect(child).toBeDefined();
      node = child ?? node;
    }
    expect(buildHotWordTree([" ", ""], vocabulary.encode).children.size).toBe(0);
  });
});
