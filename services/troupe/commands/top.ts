import { connectNats } from "@troupe/bus";
import type { Announcement, StageDemand } from "@troupe/contracts";
import { createFleetView } from "@troupe/operator/fleet";
import { printTable } from "@troupe/report";
import { systemClock } from "@troupe/timeline";
import { type Command, InvalidArgumentError } from "commander";
import { addSiteOptions, type SiteOptions } from "./site-options.ts";

interface TopOptions extends SiteOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly interval: number;
}

/** Every replica announces itself within this time. */
const listenMs = 1500;

export function addTop(program: Command): void {
  addSiteOptions(program.command("top"))
    .description("sessions, seats and demand of every replica of a site, now")
    .option("--once", "print once and end", false)
    .option("--json", "print once, as JSON", false)
    .option("--interval <seconds>", "time between two looks", seconds, 1)
    .action(top);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.2 && value <= 3600)) throw new InvalidArgumentError("0.2 to 3600 seconds.");
  return value;
}

async function top({ nats, site, once, json, interval }: TopOptions): Promise<void> {
  const bus = await connectNats({ servers: nats, name: "troupe top" });
  using fleet = createFleetView({ bus, clock: systemClock }, site);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  try {
    await systemClock.sleep(listenMs, stop.signal);
    while (!stop.signal.aborted) {
      const replicas = [...fleet.replicas()].sort((a, b) => order(a).localeCompare(order(b)));
      if (json) return console.log(JSON.stringify({ site, replicas: replicas.map(plain), demand: fleet.demand() }, undefined, 2));
      if (!once && process.stdout.isTTY) process.stdout.write("\u001b[2J\u001b[H");
      print(site, replicas, fleet.demand());
      if (once) return;
      await systemClock.sleep(interval * 1000, stop.signal);
    }
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
  } finally {
    await bus.drain();
  }
}

const order = ({ stage, pool, replica }: Announcement) => `${stage} ${pool} ${replica}`;

const plain = ({ $typeName: _, ...announcement }: Announcement) => announcement;

function print(site: string, replicas: readonly Announcement[], demand: readonly StageDemand[]): void {
  if (replicas.length === 0) return console.log(`nobody announces itself at site ${site}: is it the right --site and --nats?`);
  printTable(
    ["stage", "pool", "replica", "state", "sessions", "free", "models"],
    replicas.map(({ stage, pool, replica, admitting, sessions, headroom, models }) => [
      stage,
      pool || "-",
      replica,
      admitting ? "admits" : "drains",
      sessions,
      headroom,
      models.join(", "),
    ]),
  );
  if (demand.length === 0) return;
  console.log();
  printTable(
    ["stage", "pipeline", "tenant", "active", "waiting"],
    demand.map(({ stage, pipeline, tenant, active, refused }) => [stage || "all", pipeline || "default", tenant || "-", active, refused]),
  );
}
