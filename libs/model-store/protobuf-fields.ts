import { readSync } from "node:fs";

/** A field of a message that is too large to hold: where its content lies. */
export interface FileField {
  readonly number: number;
  /** Of the content in the file. */
  readonly start: number;
  /** Of a string, of bytes or of a message; undefined for a number. */
  readonly lengthBytes: number | undefined;
}

/** A field of a message in memory. */
export interface MessageField {
  readonly number: number;
  readonly varint: bigint | undefined;
  readonly bytes: Buffer | undefined;
}

/** protobuf.dev/programming-guides/encoding: VARINT, I64, LEN, I32. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;
const WINDOW_BYTES = 1 << 13;

/**
 * The fields of the message at [start, end) of a file, content skipped. Reads in place: a few hundred small reads for a model, which
 * would take longer to wait for than to do.
 * @throws RangeError when this is no protobuf message
 */
export function* fieldsOfFile(fd: number, start: number, end: number): Generator<FileField> {
  let window: Buffer = Buffer.alloc(0);
  let windowStart = start;
  for (let at = start; at < end; ) {
    const left = windowStart + window.length - at;
    if (left < 2 * MAX_VARINT_BYTES && windowStart + window.length < end) {
      window = readWindow(fd, at, end);
      windowStart = at;
    }
    const header = readHeader(window, at - windowStart);
    const contentStart = windowStart + header.at;
    at = contentStart + header.contentBytes;
    if (at > end) throw new RangeError("a field reaches beyond its message");
    yield { number: header.number, start: contentStart, lengthBytes: header.wireType === LENGTH ? header.contentBytes : undefined };
  }
}

/** The fields of a small message. @throws RangeError when this is no protobuf message */
export function fieldsOfMessage(bytes: Buffer): readonly MessageField[] {
  const fields: MessageField[] = [];
  for (let at = 0; at < bytes.length; ) {
    const header = readHeader(bytes, at);
    at = header.at + header.contentBytes;
    if (at > bytes.length) throw new RangeError("a field reaches beyond its message");
    fields.push({
      number: header.number,
      varint: header.wireType === VARINT ? readVarint(bytes, header.at).value : undefined,
      bytes: header.wireType === LENGTH ? bytes.subarray(header.at, at) : undefined,
    });
  }
  return fields;
}

interface Header {
  readonly number: number;
  readonly wireType: number;
  /** Of the content. */
  readonly at: number;
  readonly contentBytes: number;
}

function readHeader(bytes: Buffer, start: number): Header {
  const tag = readVarint(bytes, start);
  const number = Number(tag.value >> 3n);
  const wireType = Number(tag.value & 7n);
  if (number === 0) throw new RangeError("a field has the number 0");
  switch (wireType) {
    case VARINT:
      return { number, wireType, at: tag.end, contentBytes: readVarint(bytes, tag.end).end - tag.end };
    case FIXED64:
      return { number, wireType, at: tag.end, contentBytes: 8 };
    case FIXED32:
      return { number, wireType, at: tag.end, contentBytes: 4 };
    case LENGTH: {
      const length = readVarint(bytes, tag.end);
      return { number, wireType, at: length.end, contentBytes: Number(length.value) };
    }
    default:
      throw new RangeError(`a field has the wire type ${wireType}`);
  }
}

function readVarint(bytes: Buffer, start: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let at = start; at < start + MAX_VARINT_BYTES; at++) {
    const byte = bytes[at];
    if (byte === undefined) throw new RangeError("a number is cut off");
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new RangeError("a number is too long");
}

function readWindow(fd: number, start: number, end: number): Buffer {
  const window = Buffer.alloc(Math.min(WINDOW_BYTES, end - start));
  return window.subarray(0, readSync(fd, window, 0, window.length, start));
}
