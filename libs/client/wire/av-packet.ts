import { readFields, type WireField } from "./protobuf-fields.ts";

/** As `troupe.presentation.v1.Track`. */
export const trackNumber = { audio: 1, video: 2, motion: 3 } as const;

/** A track and what a decoder needs to know; see `TrackHeader` in the contracts. */
export interface TrackHeader {
  readonly track: number;
  /** As in WebCodecs, or "pcm16". */
  readonly codec: string;
  readonly description: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly sampleRateHz: number;
  readonly revision: number;
}

/** One encoded frame; see `AccessUnit` in the contracts. */
export interface AccessUnit {
  readonly track: number;
  /** On the session scale. */
  readonly ptsUs: number;
  readonly durationUs: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array;
  /** Sound: response that is heard at its start; 0: none. */
  readonly response: number;
  readonly responsePtsUs: number;
}

export type AvBody =
  | { readonly case: "header"; readonly value: TrackHeader }
  | { readonly case: "unit"; readonly value: AccessUnit }
  | { readonly case: "end" };

const emptyBytes = new Uint8Array();
const text = new TextDecoder();

/**
 * Reads a binary frame of the socket: protobuf `troupe.presentation.v1.AvPacket`. By hand, as protobuf's runtime would be
 * a third of the client. Unknown fields are passed over; the bytes of a unit are a view of `frame`.
 * @returns nothing where the frame holds no body of a known kind
 * @throws RangeError where the frame ends within a field
 */
export function readAvPacket(frame: Uint8Array): AvBody | undefined {
  let body: AvBody | undefined;
  readFields(frame, (field) => {
    if (field.number === 3) body = { case: "header", value: readHeader(field.bytes) };
    else if (field.number === 4) body = { case: "unit", value: readUnit(field.bytes) };
    else if (field.number === 5) body = { case: "end" };
  });
  return body;
}

function readHeader(bytes: Uint8Array): TrackHeader {
  const at = collect(bytes);
  return {
    track: at(1).number,
    codec: text.decode(at(2).bytes),
    description: at(3).bytes,
    width: at(4).number,
    height: at(5).number,
    framesPerSecond: at(6).number,
    sampleRateHz: at(7).number,
    revision: at(8).number,
  };
}

function readUnit(bytes: Uint8Array): AccessUnit {
  const at = collect(bytes);
  return {
    track: at(1).number,
    ptsUs: at(2).number,
    durationUs: at(3).number,
    keyframe: at(4).number !== 0,
    data: at(5).bytes,
    response: at(6).number,
    responsePtsUs: at(7).number,
  };
}

interface FieldValue {
  readonly number: number;
  readonly bytes: Uint8Array;
}
const absent: FieldValue = { number: 0, bytes: emptyBytes };

function collect(bytes: Uint8Array): (fieldNumber: number) => FieldValue {
  const found = new Map<number, FieldValue>();
  readFields(bytes, (field: WireField) => found.set(field.number, { number: field.value, bytes: field.bytes }));
  return (fieldNumber) => found.get(fieldNumber) ?? absent;
}
