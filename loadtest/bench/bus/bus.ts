import { formatSpread, median, spreadOf } from "@troupe/report";
import { startNatsServer } from "@troupe/testkit";
import type { Benchmark } from "../benchmark.ts";
import { measureWay, type WayCost } from "./way-cost.ts";
import { overBus, overEdges, rawNats } from "./ways.ts";

const defaultMessages = 10_000;
/** A beat or a word, 20 ms and 200 ms of speech at 24 kHz. */
const sizesBytes = [64, 960, 9600];

export const busBenchmark: Benchmark = {
  name: "bus",
  description: "cost of a message on the bus and through the stage adapter, in memory and over NATS, against the NATS client alone",
  counts: `messages in each of five runs (default ${defaultMessages})`,
  limitS: 180,
  async run({ step, signal, count = defaultMessages }) {
    await using server = await startNatsServer();
    const ways = [
      () => rawNats(server.url),
      () => overBus("nats", server.url),
      () => overEdges("nats", server.url),
      () => overBus("memory", ""),
      () => overEdges("memory", ""),
    ];
    const costs: WayCost[] = [];
    for (const open of ways) {
      await using way = await open();
      for (const sizeBytes of sizesBytes) costs.push(await measureWay(way, sizeBytes, count, signal));
      step(`${way.name}: ${median(costs.at(-2)?.wallUs ?? []).toFixed(1)} µs a message`);
    }
    return reportOf(costs, count);
  },
};

function reportOf(costs: readonly WayCost[], count: number) {
  const peer = (sizeBytes: number) => costs.find((cost) => cost.sizeBytes === sizeBytes);
  return {
    title: "The bus: cost of a message",
    method: [
      `Two connections in one process, one publishing, one reading, to a real nats-server on loopback or to the broker in memory. ${count} messages in bursts of 128, each burst read whole before the next one begins; wall and CPU time of the process (both ends; the server's own time is not in it) over the messages; median and range of five runs after a shorter one to warm up. Round trips one at a time, 2,000 for each row.`,
      'The peer, in the same run, is the @nats-io client alone with callbacks. "Bus" adds what every message of Troupe has: bounded queues, probes, outage counting, an async iterator. "EdgeWriter and EdgeReader" adds the stage adapter: protobuf encoding and decoding, numbering, the resend window, order, the stream\'s own queue.',
    ],
    tables: [
      {
        title: "Cost",
        head: ["way", "bytes", "wall µs a message", "CPU µs a message", "against the peer", "round trip p50 µs", "p99 µs"],
        rows: costs.map((cost) => [
          cost.name,
          cost.sizeBytes,
          formatSpread(spreadOf(cost.wallUs), 1),
          median(cost.cpuUs).toFixed(1),
          `${(median(cost.wallUs) / median(peer(cost.sizeBytes)?.wallUs ?? [])).toFixed(2)}x`,
          cost.roundTripP50Us.toFixed(0),
          cost.roundTripP99Us.toFixed(0),
        ]),
      },
    ],
    aims: [],
    raw: costs,
  };
}
