import { ServiceError } from "@troupe/errors";

const newline = 0x0a;
/** Objects in etcd are at most 1.5 MB; a line beyond this is no watch. */
const maxLineBytes = 16 * 1024 * 1024;

/** The lines of a stream of bytes, each parsed. What follows the last line's end is cut off: the connection broke in it. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      pieces.push(chunk.subarray(start, end));
      start = end + 1;
      const line = Buffer.concat(pieces).toString("utf8");
      pieces = [];
      sizeBytes = 0;
      if (line.trim() !== "") yield parseLine(line);
    }
    if (start === chunk.length) continue;
    pieces.push(chunk.subarray(start));
    sizeBytes += chunk.length - start;
    if (sizeBytes > maxLineBytes) throw new ServiceError("CLUSTER_UNAVAILABLE", "the API server sent a line without an end");
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ServiceError("CLUSTER_UNAVAILABLE", "the API server sent a line that is no JSON", { cause });
  }
}
