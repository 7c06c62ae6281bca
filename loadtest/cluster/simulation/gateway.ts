import { openSync, writeSync } from "node:fs";
import { connectNats } from "@troupe/bus";
import { stageNames } from "@troupe/kinds";
import { simulateGateway } from "@troupe/operator/testing";
import { createLogger } from "@troupe/service";
import { createGrants } from "@troupe/session";
import { systemClock } from "@troupe/timeline";
import { exponential, pick, seededRandom } from "../rig/random.ts";
import { gatewayConfig, readArgument } from "./config.ts";
import { tellStatus } from "./status.ts";

/**
 * A gateway without people. It keeps as many sessions as it is told, each for a random time, moves some of them for no reason, and writes
 * all that happens to them to the session log, a JSON object a line with the time of day.
 */
const { natsUrl, site, grantKey, owner, seed, log, meanLifeMs, moveChance } = readArgument(gatewayConfig);
const random = seededRandom(seed);
const file = openSync(log, "a");
const counts = { opened: 0, refused: 0, moved: 0, lost: 0 };
const bus = await connectNats({ servers: natsUrl, name: owner });
const gateway = simulateGateway(
  {
    bus,
    grants: createGrants(new TextEncoder().encode(grantKey)),
    clock: systemClock,
    logger: createLogger("gateway", "warn"),
    onEvent(event) {
      writeSync(file, `${JSON.stringify({ utcMs: Date.now(), ...event })}\n`);
      if (event.type in counts) counts[event.type as keyof typeof counts]++;
    },
  },
  { site, owner },
);

type Session = Awaited<ReturnType<typeof gateway.open>>;

const tickMs = 100;
const openingAtOnce = 4;
const longestWaitMs = 10_000;
const endAtMs = new Map<Session, number>();
let wanted = 0;
let opening = 0;
let made = 0;

process.on("message", (message: { readonly sessions: number }) => {
  wanted = message.sessions;
});
// Whoever has just started has heard nobody yet.
await gateway.registry.waitFor(stageNames, longestWaitMs);
setInterval(tick, tickMs);
tellStatus(() => ({ sessions: endAtMs.size, ...counts }));

function tick(): void {
  const nowMs = performance.now();
  for (const [session, endMs] of endAtMs) {
    if (endMs <= nowMs || endAtMs.size > wanted) {
      endAtMs.delete(session);
      void gateway.end(session);
    } else if (random() < moveChance) void gateway.move(session, pick(random, stageNames));
  }
  for (; endAtMs.size + opening < wanted && opening < openingAtOnce; made++) void open(`${owner}-${made}`);
}

async function open(id: string): Promise<void> {
  const lifeMs = exponential(random, meanLifeMs);
  opening++;
  try {
    endAtMs.set(await gateway.open(id), performance.now() + lifeMs);
  } catch {
    // A refusal is in the log.
  } finally {
    opening--;
  }
}
