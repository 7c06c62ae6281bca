import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { StreamEnd } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type EdgeBody, type EdgePackets, edges, type StreamEdge } from "./edges.ts";

/** A packet of any stream edge, seen alike. */
export interface Packet<E extends StreamEdge> {
  readonly epoch: number;
  /** Utterance or response number; the epoch, on an edge of the session. */
  readonly number: number;
  readonly seq: number;
  readonly body: EdgeBody<E> | { readonly case: "end"; readonly value: StreamEnd };
}

export function makePacket<E extends StreamEdge>(edge: E, packet: Packet<E>): EdgePackets[E] {
  const { key, schema } = edges[edge];
  const { epoch, number, seq, body } = packet;
  const init = key === "session" ? { epoch, seq, body } : { epoch, seq, body, [key]: number };
  return create(schema, init as never) as EdgePackets[E];
}

export function readPacket<E extends StreamEdge>(edge: E, message: EdgePackets[E]): Packet<E> {
  const { key } = edges[edge];
  const { epoch, seq, body } = message;
  if (body.case === undefined) throw new ServiceError("INVALID_REQUEST", `a packet on ${edge} has no body`);
  const number = key === "session" ? epoch : (message as unknown as Record<string, number>)[key];
  return { epoch, number: number ?? 0, seq, body: body as Packet<E>["body"] };
}

export function encodePacket<E extends StreamEdge>(edge: E, packet: Packet<E>): Uint8Array {
  return toBinary(edges[edge].schema as never, makePacket(edge, packet) as never);
}

/** @throws ServiceError INVALID_REQUEST for bytes that are no packet of the edge */
export function decodePacket<E extends StreamEdge>(edge: E, data: Uint8Array): Packet<E> {
  let message: EdgePackets[E];
  try {
    message = fromBinary(edges[edge].schema as never, data) as EdgePackets[E];
  } catch (cause) {
    throw new ServiceError("INVALID_REQUEST", `bytes on ${edge} are not its message`, { cause });
  }
  return readPacket(edge, message);
}

/** Start of what a body carries, on the response scale; undefined for bodies without time. */
export function bodyPtsUs(body: { readonly case: string | undefined; readonly value?: unknown }): number | undefined {
  const value = body.value as { readonly ptsUs?: bigint } | undefined;
  return value?.ptsUs === undefined ? undefined : Number(value.ptsUs);
}
