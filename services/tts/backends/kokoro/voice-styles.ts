import { readFileSync } from "node:fs";
import { ServiceError } from "@troupe/errors";
import type { KokoroFiles } from "./model-files.ts";
import { statisticCount } from "./signal-format.ts";

/** What makes a voice. */
export interface VoiceStyle {
  /** Its style vector for a run of so many symbols, 256 values. */
  styleFor(symbols: number): Float32Array;
  /** Means and variances of the decoder over its usual speech; undefined: the decoder takes those of what it is given. */
  readonly statistics: Float32Array | undefined;
}

const styleSize = 256;

/** Reads styles when they are first asked for; each is half a megabyte. */
export function createVoiceStyles({ voices, paths }: KokoroFiles): (id: string) => VoiceStyle {
  const styles = new Map<string, VoiceStyle>();
  return (id) => {
    let style = styles.get(id);
    if (!style) {
      const voice = voices.find((candidate) => candidate.id === id);
      if (!voice) throw new ServiceError("INVALID_REQUEST", `no voice ${JSON.stringify(id)}`);
      style = readStyle(paths[voice.style] as string, voice.statistics && paths[voice.statistics]);
      styles.set(id, style);
    }
    return style;
  };
}

function readStyle(stylePath: string, statisticsPath: string | undefined): VoiceStyle {
  const rows = new Float32Array(copyOf(readFileSync(stylePath)));
  const rowCount = rows.length / styleSize;
  if (!Number.isInteger(rowCount) || rowCount === 0) throw new ServiceError("MODEL_CORRUPT", `${stylePath} holds no rows of ${styleSize}`);
  return {
    styleFor: (symbols) => {
      const row = Math.min(Math.max(symbols, 1), rowCount) - 1;
      return rows.slice(row * styleSize, (row + 1) * styleSize);
    },
    statistics: statisticsPath === undefined ? undefined : readStatistics(statisticsPath),
  };
}

function readStatistics(path: string): Float32Array {
  const halves = new Float16Array(copyOf(readFileSync(path)));
  if (halves.length !== statisticCount) throw new ServiceError("MODEL_CORRUPT", `${path} holds ${halves.length} values`);
  return Float32Array.from(halves);
}

/** The bytes alone, aligned. */
function copyOf({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
