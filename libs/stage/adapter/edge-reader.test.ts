import { create } from "@bufbuild/protobuf";
import { ClauseSchema, type SessionState, SessionStateSchema, StreamEndSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { StateView } from "@troupe/session";
import { createManualClock } from "@troupe/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edges } from "../edges.ts";
import type { Packet } from "../packet.ts";
import { toStreamError } from "../stream-error.ts";
import { EdgeReader } from "./edge-reader.ts";
import type { ResendResult } from "./edge-writer.ts";

type Reply = Packet<"reply">;
type MakeState = Parameters<typeof create<typeof SessionStateSchema>>[1];

const clause = (seq: number, number = 1, epoch = 1): Reply => ({
  epoch,
  number,
  seq,
  body: { case: "clause", value: create(ClauseSchema, { text: `${number}/${seq}` }) },
});
const end = (seq: number, number = 1, epoch = 1, count = seq): Reply => ({
  epoch,
  number,
  seq,
  body: { case: "end", value: create(StreamEndSchema, { count }) },
});

/** A reader of the edge reply, what it read, and what it asked its writer for. */
function readerRig(options: { readonly lossless?: boolean; readonly from?: number } = {}) {
  const clock = createManualClock();
  const state = new StateView();
  const texts = new Map<number, string[]>();
  const outcomes = new Map<number, string>();
  const asked: { number: number; fromSeq: number; answer: PromiseWithResolvers<ResendResult> }[] = [];
  const reader = new EdgeReader<"reply">({
    edge: "reply",
    clock,
    state,
    serves: (number) => number >= (options.from ?? 1),
    onStream: (stream) => {
      const read: string[] = [];
      if (texts.has(stream.number)) throw new Error(`stream ${stream.number} began twice`);
      texts.set(stream.number, read);
      outcomes.set(stream.number, "open");
      void (async () => {
        try {
          for await (const body of stream) read.push(body.case === "clause" ? body.value.text : body.case);
          outcomes.set(stream.number, "ok");
        } catch (thrown) {
          outcomes.set(stream.number, ServiceError.from(thrown).reason);
        }
      })();
    },
    ...(options.lossless
      ? {}
      : {
          resend: (number: number, fromSeq: number) => {
            const answer = Promise.withResolvers<ResendResult>();
            asked.push({ number, fromSeq, answer });
            return answer.promise;
          },
        }),
  });
  const take = (...packets: Reply[]) => {
    for (const packet of packets) reader.accept(packet, {});
  };
  const merge = (change: MakeState) => {
    state.merge(create(SessionStateSchema, change) as SessionState);
    reader.tick();
  };
  const pass = async (ms: number) => {
    await clock.advance(ms);
    reader.tick();
  };
  return { reader, texts, outcomes, asked, take, merge, pass };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the reader of an edge", () => {
  it("passes a stream on in order, each packet once, whatever order and repetition it arrives in", async () => {
    const packets = [...Array.from({ length: 8 }, (_, seq) => clause(seq)), end(8)];
    const arrivals = fc.shuffledSubarray([...packets.keys(), ...packets.keys()], { minLength: packets.length * 2 });
    await fc.assert(
      fc.asyncProperty(arrivals, async (order) => {
        const { texts, outcomes, take } = readerRig();
        for (const index of order) take(packets[index] as Reply);
        await turn();
        expect(texts.get(1)).toEqual(["1/0", "1/1", "1/2", "1/3", "1/4", "1/5", "1/6", "1/7"]);
        expect(outcomes.get(1)).toBe("ok");
      }),
    );
  });

  it("keeps the streams of different numbers apart", async () => {
    const { texts, take } = readerRig();
    take(clause(0, 2), clause(0, 1), clause(1, 2), end(2, 2), clause(1, 1), end(2, 1));
    await turn();
    expect([...texts]).toEqual([
      [2, ["2/0", "2/1"]],
      [1, ["1/0", "1/1"]],
    ]);
  });

  it("asks at once for what a gap is missing, and not again while it waits for the answer", async () => {
    const { asked, take, texts } = readerRig();
    take(clause(0), clause(2), clause(3));
    expect(asked).toMatchObject([{ number: 1, fromSeq: 1 }]);
    take(clause(1), clause(2));
    asked[0]?.answer.resolve({ resent: 3, gone: 0 });
    await turn();
    expect(texts.get(1)).toEqual(["1/0", "1/1", "1/2", "1/3"]);
    expect(asked).toHaveLength(1);
  });

  it("asks again when what was sent again was lost too", async () => {
    const { asked, take, pass, texts } = readerRig();
    take(clause(0), clause(2));
    asked[0]?.answer.resolve({ resent: 2, gone: 0 });
    await turn();
    await pass(20);
    expect(asked).toHaveLength(1);
    await pass(30);
    expect(asked).toMatchObject([{ fromSeq: 1 }, { fromSeq: 1 }]);
    take(clause(1));
    await turn();
    expect(texts.get(1)).toEqual(["1/0", "1/1", "1/2"]);
  });

  it("fails a stream whose gap has left the writer's window", async () => {
    const { asked, take, outcomes } = readerRig();
    take(clause(0), clause(4));
    asked[0]?.answer.resolve({ resent: 1, gone: 3 });
    await turn();
    expect(outcomes.get(1)).toBe("STREAM_GAP");
  });

  it("fails a stream that holds more than a window behind a gap", async () => {
    const { take, outcomes } = readerRig();
    for (let seq = 1; seq <= edges.reply.windowPackets + 1; seq++) take(clause(seq));
    await turn();
    expect(outcomes.get(1)).toBe("STREAM_GAP");
  });

  it("fails a stream without an end once its writer has not answered four times", async () => {
    const { asked, take, pass, outcomes } = readerRig();
    take(clause(0), clause(1));
    for (let time = 1; time <= 4; time++) {
      expect(outcomes.get(1)).toBe("open");
      await pass(400 * time + 1);
      expect(asked).toHaveLength(time);
      asked.at(-1)?.answer.reject(new ServiceError("NO_RESPONDERS", "nobody"));
      await turn();
    }
    expect(outcomes.get(1)).toBe("END_MISSING");
    await pass(10_000);
    expect(asked).toHaveLength(4);
  });

  it("waits for a writer that answers, however long it takes", async () => {
    const { asked, take, pass, outcomes } = readerRig();
    take(clause(0));
    for (let time = 1; time <= 20; time++) {
      await pass(401);
      asked.at(-1)?.answer.resolve({ resent: 0, gone: 0 });
      await turn();
    }
    expect(asked).toHaveLength(20);
    take(end(1));
    await turn();
    expect(outcomes.get(1)).toBe("ok");
  });

  it("asks for a stream that was lost whole, for as long as it takes to begin", async () => {
    const { reader, asked, take, pass, texts } = readerRig();
    reader.expect(1);
    for (let time = 1; time <= 6; time++) {
      await pass(2001);
      asked.at(-1)?.answer.reject(new ServiceError("DEADLINE", "no answer"));
      await turn();
    }
    expect(asked.every(({ number, fromSeq }) => number === 1 && fromSeq === 0)).toBe(true);
    expect(asked).toHaveLength(6);
    take(clause(0), end(1));
    await turn();
    expect(texts.get(1)).toEqual(["1/0"]);
  });

  it("asks less often the longer nobody answers, and keeps on for a stream that may yet begin", async () => {
    const { reader, asked, pass } = readerRig();
    reader.expect(1);
    const askedAtMs: number[] = [];
    for (let nowMs = 100; nowMs <= 8200; nowMs += 100) {
      await pass(100);
      if (asked.length > askedAtMs.length) askedAtMs.push(nowMs);
      asked.at(-1)?.answer.reject(new ServiceError("NO_RESPONDERS", "nobody"));
      await turn();
    }
    expect(askedAtMs).toEqual([500, 1400, 2700, 4400, 6500]);
  });

  it("asks for one gap no more often than its patience allows, however many packets come behind it", async () => {
    const { asked, take, pass } = readerRig();
    take(clause(0));
    for (let seq = 2; seq <= 6; seq++) {
      take(clause(seq));
      asked.at(-1)?.answer.resolve({ resent: 1, gone: 0 });
      await turn();
    }
    expect(asked).toHaveLength(1);
    await pass(41);
    expect(asked).toHaveLength(2);
  });

  it("expects nothing where the transport loses nothing", () => {
    const { reader, texts } = readerRig({ lossless: true });
    reader.expect(1);
    expect(texts.size).toBe(0);
  });

  it("fails a stream whose end counts other packets than came", async () => {
    const { take, outcomes } = readerRig();
    take(clause(0), clause(1), end(2, 1, 1, 3));
    await turn();
    expect(outcomes.get(1)).toBe("STREAM_GAP");
  });

  it("throws the writer's error after what came before it", async () => {
    const { take, texts, outcomes } = readerRig();
    const error = toStreamError(new ServiceError("BACKEND_FAILED", "no model"), "llm");
    take(clause(0), clause(1), { epoch: 1, number: 1, seq: 2, body: { case: "end", value: create(StreamEndSchema, { count: 2, error }) } });
    await turn();
    expect(texts.get(1)).toEqual(["1/0", "1/1"]);
    expect(outcomes.get(1)).toBe("BACKEND_FAILED");
  });

  it("fails the streams of a cancelled response, takes nothing more of it, and leaves the others", async () => {
    const { take, merge, texts, outcomes } = readerRig();
    take(clause(0, 1), clause(0, 2), clause(0, 3));
    await turn();
    merge({ cancel: { through: 1, only: [3] } });
    take(clause(1, 1), clause(1, 2), clause(1, 3), end(2, 2));
    await turn();
    expect([...outcomes.values()]).toEqual(["CANCELLED", "ok", "CANCELLED"]);
    expect([...texts.values()]).toEqual([["1/0"], ["2/0", "2/1"], ["3/0"]]);
    merge({ cancel: { only: [4] } });
    take(clause(0, 4));
    expect(texts.has(4)).toBe(false);
  });

  it("drops the packets of a fenced-off writer and fails what it had begun", async () => {
    const { take, merge, texts, outcomes } = readerRig();
    take(clause(0, 1, 3), clause(0, 2, 5));
    await turn();
    merge({ fences: { llm: 5 } });
    take(clause(1, 1, 3), clause(0, 3, 4), clause(1, 2, 5), end(2, 2, 5));
    await turn();
    expect([...outcomes]).toEqual([
      [1, "STAGE_LOST"],
      [2, "ok"],
    ]);
    expect(texts.get(1)).toEqual(["1/0"]);
    expect(texts.get(2)).toEqual(["2/0", "2/1"]);
  });

  it("takes a stream from one writer only, the one that came first", async () => {
    const { take, texts, outcomes } = readerRig();
    const other = (seq: number, epoch: number): Reply => ({
      ...clause(seq, 1, epoch),
      body: { case: "clause", value: create(ClauseSchema, { text: "other" }) },
    });
    take(clause(0, 1, 2), other(1, 3), other(1, 1), clause(1, 1, 2), end(2, 1, 3), clause(2, 1, 2), end(3, 1, 2));
    await turn();
    expect(texts.get(1)).toEqual(["1/0", "1/1", "1/2"]);
    expect(outcomes.get(1)).toBe("ok");
  });

  it("takes no number that is another binding's", () => {
    const { reader, take, texts } = readerRig({ from: 5 });
    take(clause(0, 4));
    reader.expect(4);
    expect(texts.size).toBe(0);
  });

  it("does not begin a stream again that it has forgotten", async () => {
    const { take, pass, texts } = readerRig();
    for (let number = 1; number <= 100; number++) take(clause(0, number), end(1, number));
    await pass(100);
    take(clause(0, 1), clause(0, 101));
    await turn();
    expect(texts.size).toBe(101);
    expect(texts.get(1)).toEqual(["1/0"]);
  });
});
