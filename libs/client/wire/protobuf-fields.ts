/** A field as it stands on the wire; which of `value` and `bytes` holds it follows from its wire type. */
export interface WireField {
  readonly number: number;
  /** Of varints, up to 2^53 exactly. */
  readonly value: number;
  /** Of length-delimited and fixed-width fields; a view. */
  readonly bytes: Uint8Array;
}

const none = new Uint8Array();

/** Calls back for each field of a protobuf message (https://protobuf.dev/programming-guides/encoding). Throws RangeError where it is cut off. */
export function readFields(message: Uint8Array, field: (field: WireField) => void): void {
  const reader = new FieldReader(message);
  while (!reader.done) {
    const tag = reader.varint();
    field(reader.field(Math.floor(tag / 8), tag % 8));
  }
}

class FieldReader {
  readonly #message: Uint8Array;
  #at = 0;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  get done(): boolean {
    return this.#at >= this.#message.length;
  }

  field(number: number, wireType: number): WireField {
    if (wireType === 0) return { number, value: this.varint(), bytes: none };
    if (wireType === 1) return { number, value: 0, bytes: this.#take(8) };
    if (wireType === 2) return { number, value: 0, bytes: this.#take(this.varint()) };
    if (wireType === 5) return { number, value: 0, bytes: this.#take(4) };
    throw new RangeError(`unknown wire type ${wireType}`);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#message[this.#at++];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError("the message ends within a number");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#message.length) throw new RangeError("the message ends within a field");
    const bytes = this.#message.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}
