import { create, toBinary } from "@bufbuild/protobuf";
import { AvPacketSchema, Track } from "@troupe/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAvPacket } from "./av-packet.ts";

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const micros = fc.integer({ min: 0, max: 2 ** 50 });
const bytes = fc.uint8Array({ maxLength: 300 });

describe("a packet of picture or sound", () => {
  it("of a unit reads as the contracts wrote it", () => {
    fc.assert(
      fc.property(micros, uint32, fc.boolean(), bytes, uint32, micros, (ptsUs, durationUs, keyframe, data, response, responsePtsUs) => {
        const unit = { track: Track.AUDIO, durationUs, keyframe, data, response };
        const value = { ...unit, ptsUs: BigInt(ptsUs), responsePtsUs: BigInt(responsePtsUs) };
        const packet = create(AvPacketSchema, { epoch: 7, seq: 9, body: { case: "unit", value } });
        expect(readAvPacket(toBinary(AvPacketSchema, packet))).toEqual({ case: "unit", value: { ...unit, ptsUs, responsePtsUs } });
      }),
    );
  });

  it("of a header reads as the contracts wrote it", () => {
    const value = {
      track: Track.VIDEO,
      codec: "avc1.640028",
      description: Uint8Array.of(1, 100, 0, 40),
      width: 512,
      height: 640,
      framesPerSecond: 25,
      sampleRateHz: 0,
      revision: 300,
    };
    const packet = create(AvPacketSchema, { body: { case: "header", value } });
    expect(readAvPacket(toBinary(AvPacketSchema, packet))).toEqual({ case: "header", value });
  });

  it("without a body is nothing, of an end is an end", () => {
    expect(readAvPacket(toBinary(AvPacketSchema, create(AvPacketSchema, { seq: 1 })))).toBeUndefined();
    const end = create(AvPacketSchema, { body: { case: "end", value: {} } });
    expect(readAvPacket(toBinary(AvPacketSchema, end))).toEqual({ case: "end" });
  });

  it("that is cut off is refused", () => {
    const value = { track: Track.AUDIO, data: new Uint8Array(40).fill(1) };
    const whole = toBinary(AvPacketSchema, create(AvPacketSchema, { body: { case: "unit", value } }));
    for (let length = 3; length < whole.length; length++) expect(() => readAvPacket(whole.subarray(0, length))).toThrow(RangeError);
  });
});
