import { create } from "@bufbuild/protobuf";
import { ClauseSchema, ResendRequestSchema, SessionStateSchema, SpeechChunkSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { StateView } from "@troupe/session";
import { describe, expect, it } from "vitest";
import { type EdgeBody, edges } from "../edges.ts";
import type { Packet } from "../packet.ts";
import { Credit } from "./credit.ts";
import { EdgeWriter } from "./edge-writer.ts";

const clause = (text: string): EdgeBody<"reply"> => ({ case: "clause", value: create(ClauseSchema, { text }) });
const chunkAt = (seconds: number): EdgeBody<"speech"> => ({
  case: "chunk",
  value: create(SpeechChunkSchema, { ptsUs: BigInt(seconds * 1_000_000) }),
});
const missing = (number: number, fromSeq: number) => create(ResendRequestSchema, { number, fromSeq });
const turn = () => new Promise((resolve) => setImmediate(resolve));

function replyWriter() {
  const state = new StateView();
  const sent: Packet<"reply">[] = [];
  const writer = new EdgeWriter<"reply">({ edge: "reply", epoch: 4, state, send: (packet) => sent.push(packet) });
  return { state, sent, writer };
}

function speechWriter() {
  const state = new StateView();
  const credit = new Credit();
  const sent: Packet<"speech">[] = [];
  const writer = new EdgeWriter<"speech">({ edge: "speech", epoch: 1, state, credit, send: (packet) => sent.push(packet) });
  return { state, credit, sent, writer };
}

describe("the writer of an edge", () => {
  it("numbers the packets of each stream from 0 and counts them in the end", () => {
    const { writer, sent } = replyWriter();
    writer.writeNow(1, clause("a"));
    writer.writeNow(2, clause("b"));
    writer.writeNow(1, clause("c"));
    writer.end(1, {});
    expect(sent.map(({ epoch, number, seq }) => [epoch, number, seq])).toEqual([
      [4, 1, 0],
      [4, 2, 0],
      [4, 1, 1],
      [4, 1, 2],
    ]);
    expect(sent.at(-1)?.body).toMatchObject({ case: "end", value: { count: 2 } });
  });

  it("sends again, as they were, the packets from the one asked for", () => {
    const { writer, sent } = replyWriter();
    for (const text of ["a", "b", "c"]) writer.writeNow(1, clause(text));
    writer.end(1, {});
    const before = [...sent];
    expect(writer.resend(missing(1, 2))).toEqual({ resent: 2, gone: 0 });
    expect(sent.slice(4)).toEqual(before.slice(2));
    expect(writer.resend(missing(1, 4))).toEqual({ resent: 0, gone: 0 });
  });

  it("says how many packets have left its window", () => {
    const { writer } = replyWriter();
    const { windowPackets } = edges.reply;
    for (let seq = 0; seq < windowPackets + 5; seq++) writer.writeNow(1, clause(String(seq)));
    expect(writer.resend(missing(1, 3))).toEqual({ resent: windowPackets, gone: 2 });
  });

  it("knows nothing of a stream that it never wrote", () => {
    expect(replyWriter().writer.resend(missing(1, 0))).toBeUndefined();
  });

  it("keeps the streams that go on, however many there are, and the last ones that ended", () => {
    const { writer, sent } = replyWriter();
    for (let number = 1; number <= 30; number++) writer.writeNow(number, clause("first"));
    for (let number = 1; number <= 30; number++) writer.writeNow(number, clause("second"));
    expect(sent.slice(30).every(({ seq }) => seq === 1)).toBe(true);
    for (let number = 1; number <= 30; number++) writer.end(number, {});
    writer.writeNow(31, clause("later"));
    expect(writer.resend(missing(1, 0))).toBeUndefined();
    expect(writer.resend(missing(30, 0))).toEqual({ resent: 3, gone: 0 });
  });

  it("lets nothing of a cancelled response leave: no body, no end, nothing sent again", async () => {
    const { writer, sent, state } = replyWriter();
    writer.writeNow(1, clause("a"));
    writer.writeNow(2, clause("b"));
    state.merge(create(SessionStateSchema, { cancel: { only: [1] } }));
    expect(() => writer.writeNow(1, clause("c"))).toThrow(expect.objectContaining({ reason: "CANCELLED" }));
    await expect(writer.write(1, clause("c"), new AbortController().signal)).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(() => writer.end(1, {})).toThrow(expect.objectContaining({ reason: "CANCELLED" }));
    expect(writer.resend(missing(1, 0))).toEqual({ resent: 0, gone: 0 });
    writer.end(2, {});
    expect(sent.map(({ number, seq }) => [number, seq])).toEqual([
      [1, 0],
      [2, 0],
      [2, 1],
    ]);
  });

  it("does not take the number of an utterance for that of a response", () => {
    const state = new StateView(create(SessionStateSchema, { cancel: { through: 9 } }));
    const sent: Packet<"transcript">[] = [];
    const writer = new EdgeWriter<"transcript">({ edge: "transcript", epoch: 1, state, send: (packet) => sent.push(packet) });
    writer.end(1, {});
    expect(sent).toHaveLength(1);
  });
});

describe("credit", () => {
  const { signal } = new AbortController();

  it("lets a writer run ahead of the presenter by the lead of the edge, and no further", async () => {
    const { writer, sent, credit } = speechWriter();
    await writer.write(1, chunkAt(0), signal);
    await writer.write(1, chunkAt(3), signal);
    const ahead = writer.write(1, chunkAt(3.5), signal);
    await turn();
    expect(sent).toHaveLength(2);
    credit.advance(1, 499_999);
    await turn();
    expect(sent).toHaveLength(2);
    credit.advance(1, 500_000);
    await ahead;
    expect(sent).toHaveLength(3);
  });

  it("is that of one response, and never falls", async () => {
    const { writer, sent, credit } = speechWriter();
    credit.advance(1, 9_000_000);
    credit.advance(1, 1_000_000);
    await writer.write(1, chunkAt(12), signal);
    const other = writer.write(2, chunkAt(12), signal);
    await turn();
    expect(sent.map(({ number }) => number)).toEqual([1]);
    credit.advance(2, Number.POSITIVE_INFINITY);
    await other;
    expect(sent.map(({ number }) => number)).toEqual([1, 2]);
  });

  it("is waited for no longer once the response is given up", async () => {
    const { writer, sent, credit } = speechWriter();
    const controller = new AbortController();
    const waiting = writer.write(1, chunkAt(30), controller.signal);
    controller.abort(new ServiceError("CANCELLED", "response 1 is cancelled"));
    await expect(waiting).rejects.toMatchObject({ reason: "CANCELLED" });
    await expect(writer.write(1, chunkAt(30), controller.signal)).rejects.toMatchObject({ reason: "CANCELLED" });
    credit.advance(1, Number.POSITIVE_INFINITY);
    expect(sent).toEqual([]);
  });

  it("that comes after a cancel lets nothing out", async () => {
    const { writer, sent, credit, state } = speechWriter();
    const waiting = writer.write(1, chunkAt(30), signal);
    state.merge(create(SessionStateSchema, { cancel: { through: 1 } }));
    credit.advance(1, Number.POSITIVE_INFINITY);
    await expect(waiting).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(sent).toEqual([]);
  });

  it("is not asked for where the peer reports no positions", async () => {
    const sent: Packet<"speech">[] = [];
    const writer = new EdgeWriter<"speech">({ edge: "speech", epoch: 1, state: new StateView(), send: (packet) => sent.push(packet) });
    await writer.write(1, chunkAt(60), signal);
    expect(sent).toHaveLength(1);
  });
});
