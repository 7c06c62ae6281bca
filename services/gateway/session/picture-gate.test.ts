import { create } from "@bufbuild/protobuf";
import { AccessUnitSchema, type AvPacket, AvPacketSchema, Track } from "@troupe/contracts";
import { expect, it } from "vitest";
import { PictureGate } from "./picture-gate.ts";

const unit = (track: Track, keyframe = false): AvPacket =>
  create(AvPacketSchema, { body: { case: "unit", value: create(AccessUnitSchema, { track, keyframe }) } });

it("leaves pictures out from the first that comes too late to the keyframe that is asked for, once, after the reader caught up", () => {
  let behind = false;
  const told: string[] = [];
  const gate = new PictureGate({
    behind: () => behind,
    requestKeyframe: () => told.push("keyframe"),
    onBehind: () => told.push("behind"),
  });
  const passes = (packet: AvPacket) => !gate.leavesOut(packet);
  const picture = unit(Track.VIDEO);
  expect(passes(picture)).toBe(true);
  behind = true;
  expect([passes(picture), passes(unit(Track.VIDEO, true)), passes(unit(Track.MOTION)), passes(unit(Track.AUDIO))]).toEqual([
    false,
    false,
    false,
    true,
  ]);
  expect(told).toEqual(["behind", "behind", "behind"]);
  behind = false;
  expect([passes(picture), passes(picture), passes(unit(Track.MOTION)), passes(unit(Track.VIDEO, true)), passes(picture)]).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
  expect(told.slice(3)).toEqual(["keyframe"]);
});
