/** Of a list in a record, the newest that fit into so many bytes. NATS KV takes values of 1 MB; a record stays below a quarter of it. */
export const recordBounds = {
  /** What the llm is given; older messages are forgotten. */
  messageBytes: 80 * 1024,
  /** What the caller wrote for the avatar to mind; older ones are forgotten. */
  instructionBytes: 32 * 1024,
  /** What was said so far; older entries are counted as dropped. */
  transcriptBytes: 64 * 1024,
} as const;

/** Of one message on the wire, beside its text. */
const overheadBytes = 32;

/** The newest of `items`, in their order, whose texts have at most `maxBytes` together. */
export function newestWithin<T>(items: readonly T[], maxBytes: number, textOf: (item: T) => string): T[] {
  let bytes = 0;
  let first = items.length;
  for (; first > 0; first--) {
    bytes += Buffer.byteLength(textOf(items[first - 1] as T)) + overheadBytes;
    if (bytes > maxBytes) break;
  }
  return items.slice(first);
}
