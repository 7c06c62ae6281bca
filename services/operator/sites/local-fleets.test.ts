import { create, toBinary } from "@bufbuild/protobuf";
import { createMemoryBroker, infrastructureSubject } from "@troupe/bus";
import { AnnouncementSchema } from "@troupe/contracts";
import type { Site } from "@troupe/kinds";
import { createGrants } from "@troupe/session";
import { createManualClock, until } from "@troupe/testkit";
import { expect, it, onTestFinished } from "vitest";
import type { InformerEvent } from "../kube/index.ts";
import { createFleetSource } from "../planner/index.ts";
import { siteObject } from "../testing/objects.ts";
import { createLocalFleets } from "./local-fleets.ts";

const settledMs = 3000;

/** The fleets of an operator at "main", and somebody who announces replicas and tells of Sites. */
function startRig() {
  const clock = createManualClock();
  const broker = createMemoryBroker(() => clock.nowMs());
  const handlers = new Set<(event: InformerEvent<Site>) => void>();
  const sites = {
    on(handler: (event: InformerEvent<Site>) => void) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
  };
  const grants = createGrants(new Uint8Array(32).fill(7));
  const fleets = createLocalFleets({ bus: broker.connect(), clock, grants, sites }, "main");
  onTestFinished(() => fleets[Symbol.dispose]());
  const bus = broker.connect();
  return {
    fleets,
    clock,
    tell(type: "added" | "deleted", object: Site) {
      for (const handler of handlers) handler({ type, object });
    },
    announce(site: string, replica: string) {
      const said = create(AnnouncementSchema, {
        site,
        replica,
        boot: "1",
        stage: "llm",
        pool: `pool-at-${site}`,
        sessions: 1,
        capacity: 4,
      });
      bus.publish(infrastructureSubject(site, "announce", "llm", "replica"), toBinary(AnnouncementSchema, said));
    },
  };
}

it("hears each site of the cluster apart, from when there is a Site on, and tells of its pools", async () => {
  const { fleets, tell, announce } = startRig();
  const changed: string[] = [];
  fleets.onPoolChange((pool) => changed.push(pool));
  tell("added", siteObject("hall"));
  announce("hall", "a");
  announce("main", "b");
  await until("both are heard", () => changed.length === 2);
  expect(changed.toSorted()).toEqual(["pool-at-hall", "pool-at-main"]);
  expect(
    fleets
      .of("hall")
      ?.replicas()
      .map(({ replica }) => replica),
  ).toEqual(["a"]);
  expect(fleets.of("main")?.replica("a")).toBeUndefined();
});

it("does not hear sites of other clusters, and goes on hearing one that was deleted", async () => {
  const { fleets, tell, announce } = startRig();
  tell("added", siteObject("edge", { cluster: "edge-1" }));
  tell("added", siteObject("hall"));
  tell("deleted", siteObject("hall"));
  expect(fleets.of("edge")).toBeUndefined();
  announce("hall", "a");
  await until("it is heard", () => fleets.of("hall")?.replica("a") !== undefined);
});

it("knows no demand until every site has been listened to for long enough", async () => {
  const { fleets, tell, clock } = startRig();
  const source = createFleetSource(fleets);
  expect(source.demand()).toBeUndefined();
  await clock.advance(settledMs);
  expect(source.demand()).toEqual([]);
  tell("added", siteObject("hall"));
  expect(source.demand()).toBeUndefined();
  await clock.advance(settledMs);
  expect(source.demand()).toEqual([]);
});
