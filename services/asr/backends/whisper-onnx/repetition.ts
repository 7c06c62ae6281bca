import { deflateSync } from "node:zlib";

const LONGEST_PERIOD = 12;
/** A single token may come more often ("no, no, no") than a phrase before it counts as a loop. */
const REPEATS = 3;
const SINGLE_REPEATS = 5;

/**
 * The length to which a looping token sequence should be cut: up to and with the first round of the loop.
 * @returns undefined while the end of the sequence does not loop
 */
export function findLoop(tokens: readonly number[]): number | undefined {
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    const repeats = period === 1 ? SINGLE_REPEATS : REPEATS;
    const start = tokens.length - period * repeats;
    if (start < 0) continue;
    if (isPeriodic(tokens, start, period)) return start + period;
  }
  return undefined;
}

function isPeriodic(tokens: readonly number[], start: number, period: number): boolean {
  for (let index = start + period; index < tokens.length; index++) {
    if (tokens[index] !== tokens[index - period]) return false;
  }
  return true;
}

/** How many times smaller the text deflates; Whisper takes over 2.4 for a failed transcription. */
export function compressionRatio(text: string): number {
  const bytes = Buffer.from(text, "utf8");
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}
