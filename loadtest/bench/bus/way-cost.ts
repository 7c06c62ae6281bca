import { quantile } from "@troupe/report";
import type { Way } from "./ways.ts";

export interface WayCost {
  readonly name: string;
  readonly sizeBytes: number;
  /** Wall and CPU time (this process: both ends) from publishing to reading, for each message, one figure a run. */
  readonly wallUs: readonly number[];
  readonly cpuUs: readonly number[];
  readonly roundTripP50Us: number;
  readonly roundTripP99Us: number;
}

/** Messages on their way at once; below every queue's limit. */
const burst = 128;
const runs = 5;
const roundTrips = 2000;
const lossTimeoutMs = 5000;

export async function measureWay(way: Way, sizeBytes: number, messages: number, signal: AbortSignal): Promise<WayCost> {
  const data = new Uint8Array(sizeBytes).fill(7);
  await sendBursts(way, data, Math.ceil(messages / 4));
  const wallUs: number[] = [];
  const cpuUs: number[] = [];
  for (let run = 0; run < runs; run++) {
    signal.throwIfAborted();
    const startMs = performance.now();
    const cpu = process.cpuUsage();
    const sent = await sendBursts(way, data, messages);
    const used = process.cpuUsage(cpu);
    wallUs.push(((performance.now() - startMs) * 1000) / sent);
    cpuUs.push((used.user + used.system) / sent);
  }
  const times = await makeRoundTrips(way, data);
  return { name: way.name, sizeBytes, wallUs, cpuUs, roundTripP50Us: quantile(times, 0.5), roundTripP99Us: quantile(times, 0.99) };
}

async function sendBursts(way: Way, data: Uint8Array, messages: number): Promise<number> {
  const bursts = Math.ceil(messages / burst);
  for (let n = 0; n < bursts; n++) {
    let received = 0;
    const all = Promise.withResolvers<void>();
    way.onReceived = () => {
      if (++received === burst) all.resolve();
    };
    for (let k = 0; k < burst; k++) way.send(data);
    await within(all, way);
  }
  return bursts * burst;
}

async function makeRoundTrips(way: Way, data: Uint8Array): Promise<number[]> {
  const times: number[] = [];
  way.onReceived = (received) => way.sendBack(received);
  for (let n = 0; n < roundTrips; n++) {
    const back = Promise.withResolvers<void>();
    way.onReturned = () => back.resolve();
    const startMs = performance.now();
    way.send(data);
    await within(back, way);
    times.push((performance.now() - startMs) * 1000);
  }
  return times;
}

async function within({ promise, reject }: PromiseWithResolvers<void>, { name }: Way): Promise<void> {
  const timer = setTimeout(() => reject(new Error(`${name} lost a message`)), lossTimeoutMs);
  await promise.finally(() => clearTimeout(timer));
}
