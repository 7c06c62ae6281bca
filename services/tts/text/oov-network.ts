import type { InferenceSession, Tensor, TypedTensor } from "onnxruntime-node";
import type { OovTables } from "./language-data.ts";

/** Reads a word that no dictionary knows; undefined when it holds no known letter. */
export type WordGuesser = (word: string) => Promise<string | undefined>;

/**
 * A character network with a CTC output (Graves et al., 2006): repeats collapse, blanks drop.
 * @param createTensor makes an int64 tensor of shape [1, length].
 */
export function createWordGuesser(
  session: InferenceSession,
  tables: OovTables,
  createTensor: (ids: readonly number[]) => TypedTensor<"int64">,
): WordGuesser {
  const idOf = new Map(tables.in.map((character, index) => [character, index + 1]));
  return async (word) => {
    const ids = [...word].map((character) => idOf.get(character) ?? 0).filter((id) => id > 0);
    if (ids.length === 0) return undefined;
    const { ids: output } = await session.run({ chars: createTensor(ids.slice(0, tables.maxlen)) });
    return collapse((output as Tensor).data as BigInt64Array, tables.out);
  };
}

function collapse(output: BigInt64Array, phones: readonly string[]): string {
  let result = "";
  let previous = 0n;
  for (const id of output) {
    if (id !== previous && id !== 0n) result += phones[Number(id) - 1] ?? "";
    previous = id;
  }
  return result;
}
