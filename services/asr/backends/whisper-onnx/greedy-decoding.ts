import { type EncodedSounds, pickSounds, pickTensors, stackSounds, type WhisperGraphs } from "./graphs.ts";
import { type Decoded, type RowRequest, type SuppressedTokens, TextRow } from "./text-row.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface DecodingOptions {
  readonly vocabulary: Vocabulary;
  readonly suppressed: SuppressedTokens;
}

export interface DecodingRequest extends RowRequest {
  /** One sound. */
  readonly sound: EncodedSounds;
}

/**
 * Decodes sounds together, a row each. A row's text does not depend on the others: its products are quantised by
 * themselves and states that pad it are masked. Rows that are over are taken out once they are half of all.
 */
export async function decodeGreedily(
  graphs: WhisperGraphs,
  requests: readonly DecodingRequest[],
  options: DecodingOptions,
): Promise<readonly Decoded[]> {
  const { vocabulary, suppressed } = options;
  const rows = requests.map((request) => new TextRow(vocabulary, suppressed, request));
  let sounds = stackSounds(requests.map((request) => request.sound));
  const start = rows.map(() => [vocabulary.startOfTranscript]);
  let step = await graphs.decode(start, undefined, sounds);
  const prompts = rows.map((row, index) => row.begin(step.logits[index]?.at(-1) as Float32Array));
  step = await graphs.decode(prompts, step.past, sounds);
  let running = rows;
  for (;;) {
    for (const [index, row] of running.entries()) row.grow(step.logits[index]?.at(-1) as Float32Array, step.alignment[index] ?? []);
    const alive = running.flatMap((row, index) => (row.over ? [] : [index]));
    if (alive.length === 0) break;
    let { past } = step;
    if (alive.length <= running.length / 2) {
      running = alive.map((index) => running[index] as TextRow);
      sounds = pickSounds(sounds, alive);
      past = pickTensors(past, alive);
    }
    step = await graphs.decode(
      running.map((row) => [row.last]),
      past,
      sounds,
    );
  }
  return rows.map((row) => row.decoded());
}
