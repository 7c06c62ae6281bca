import { create } from "@bufbuild/protobuf";
import { AccessUnitSchema, type AvPacket, AvPacketSchema, Track } from "@troupe/contracts";
import { createManualClock, until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { Inbox } from "./inbox.ts";
import { Liveness } from "./liveness.ts";
import { Outbox } from "./outbox.ts";
import { Pace } from "./pace.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("messages that come in", () => {
  function open(perSecond = 1000, burst = 1000) {
    const clock = createManualClock();
    const done: string[] = [];
    const flows: boolean[] = [];
    let release: (() => void) | undefined;
    let hold = false;
    const inbox = new Inbox({
      clock,
      pace: new Pace(clock, perSecond, burst),
      limits: { maxQueuedMessages: 4, maxQueuedLength: 100 },
      handle: async (text) => {
        if (hold)
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        done.push(text);
      },
      flow: (paused) => void flows.push(paused),
    });
    return {
      clock,
      inbox,
      done,
      flows,
      hold: (held: boolean) => {
        hold = held;
        release?.();
      },
    };
  }

  it("are carried out in their order, one after the other", async () => {
    const { inbox, done, hold } = open();
    hold(true);
    for (const text of ["a", "b", "c"]) inbox.push(text);
    await turn();
    expect(done).toEqual([]);
    hold(false);
    await until("all are done", () => done.length === 3);
    expect(done).toEqual(["a", "b", "c"]);
  });

  it("are not read any more while too many wait, and again when half of them are done", async () => {
    const { inbox, flows, hold, done } = open();
    hold(true);
    for (const text of ["a", "b", "c", "d", "e"]) inbox.push(text);
    expect(flows).toEqual([true]);
    expect(inbox.paused).toBe(true);
    hold(false);
    await until("all are done", () => done.length === 5);
    expect(flows).toEqual([true, false]);
  });

  it("are not read any more while they are too long together", () => {
    const { inbox, flows, hold } = open();
    hold(true);
    inbox.push("x".repeat(60));
    inbox.push("x".repeat(60));
    expect(flows).toEqual([true]);
  });

  it("are carried out no faster than the pace", async () => {
    const { inbox, done, clock } = open(10, 2);
    for (const text of ["a", "b", "c", "d"]) inbox.push(text);
    await turn();
    expect(done).toEqual(["a", "b"]);
    await clock.advance(100);
    expect(done).toEqual(["a", "b", "c"]);
    await clock.advance(100);
    expect(done).toEqual(["a", "b", "c", "d"]);
  });

  it("are forgotten when the client is gone", async () => {
    const { inbox, done, clock } = open(10, 1);
    for (const text of ["a", "b"]) inbox.push(text);
    await turn();
    inbox.stop();
    await clock.advance(1000);
    inbox.push("c");
    await turn();
    expect(done).toEqual(["a"]);
  });
});

describe("a pace", () => {
  it("tells what remains and when it is whole again", () => {
    const clock = createManualClock();
    const pace = new Pace(clock, 10, 5);
    for (let taken = 0; taken < 5; taken++) expect(pace.take()).toBe(0);
    expect([pace.remaining, pace.resetSeconds]).toEqual([0, 0.5]);
    expect(pace.take()).toBe(100);
  });
});

describe("what goes out", () => {
  const unit = (track: Track, keyframe = false): AvPacket =>
    create(AvPacketSchema, { body: { case: "unit", value: create(AccessUnitSchema, { track, keyframe }) } });

  function open() {
    const told = { keyframes: 0, slow: 0, stuck: 0 };
    const sent: (string | Uint8Array)[] = [];
    const wire = { bufferedAmount: 0, send: (data: string | Uint8Array) => void sent.push(data) };
    const out = new Outbox({
      wire,
      limits: { slowBytes: 1000, stuckBytes: 5000 },
      requestKeyframe: () => told.keyframes++,
      onSlow: () => told.slow++,
      onStuck: () => told.stuck++,
    });
    return { out, wire, sent, told };
  }

  it("has an id of its own each", () => {
    const { out, sent } = open();
    out.event({ type: "a", x: 1 });
    out.event({ type: "b" });
    const [first, second] = sent.map((text) => JSON.parse(text as string));
    expect(first).toMatchObject({ type: "a", x: 1, event_id: expect.stringMatching(/^event_/) });
    expect(first.event_id).not.toBe(second.event_id);
  });

  it("has no pictures for who reads slowly, until the next keyframe after they caught up, and always sound", () => {
    const { out, wire, told } = open();
    expect(out.leavesOut(unit(Track.VIDEO))).toBe(false);
    wire.bufferedAmount = 1001;
    expect(out.leavesOut(unit(Track.VIDEO, true))).toBe(true);
    expect(out.leavesOut(unit(Track.MOTION))).toBe(true);
    expect(out.leavesOut(unit(Track.AUDIO))).toBe(false);
    expect(told).toMatchObject({ slow: 2, keyframes: 0 });
    wire.bufferedAmount = 10;
    expect(out.leavesOut(unit(Track.VIDEO))).toBe(true);
    expect(out.leavesOut(unit(Track.VIDEO))).toBe(true);
    expect(told.keyframes).toBe(1);
    expect(out.leavesOut(unit(Track.MOTION))).toBe(false);
    expect(out.leavesOut(unit(Track.VIDEO, true))).toBe(false);
    expect(out.leavesOut(unit(Track.VIDEO))).toBe(false);
  });

  it("ends when far too much waits", () => {
    const { out, wire, told, sent } = open();
    wire.bufferedAmount = 5001;
    out.event({ type: "a" });
    out.event({ type: "b" });
    expect(told.stuck).toBe(1);
    expect(sent.length).toBe(1);
  });
});

describe("a peer", () => {
  function open() {
    const clock = createManualClock();
    const told = { pings: 0, dead: 0, deaf: false };
    const liveness = new Liveness({
      clock,
      limits: { pingMs: 5000, silenceMs: 15_000 },
      ping: () => told.pings++,
      deaf: () => told.deaf,
      onDead: () => told.dead++,
    });
    return { clock, told, liveness };
  }

  it("that is silent is dead after its time, and pinged no more", async () => {
    const { clock, told } = open();
    await clock.advance(14_999);
    expect(told).toMatchObject({ pings: 2, dead: 0 });
    await clock.advance(60_000);
    expect(told).toMatchObject({ pings: 2, dead: 1 });
  });

  it("that answers lives", async () => {
    const { clock, told, liveness } = open();
    for (let beat = 0; beat < 20; beat++) {
      await clock.advance(5000);
      liveness.heard();
    }
    expect(told.dead).toBe(0);
    liveness.stop();
    await clock.advance(60_000);
    expect(told).toMatchObject({ pings: 20, dead: 0 });
  });

  it("that is not read cannot be heard, which is no sign of death", async () => {
    const { clock, told } = open();
    told.deaf = true;
    await clock.advance(60_000);
    expect(told.dead).toBe(0);
    told.deaf = false;
    await clock.advance(20_000);
    expect(told.dead).toBe(1);
  });
});
