import { OwnerState } from "@troupe/session";
import { until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { echoStage } from "../testing/echo-stage.ts";
import { contextOf, memoryRig, openAlone, PromptingOwner, readIdly, site, startReplica, untilTestEnds } from "../testing/rig.ts";

describe("a replica with a measured capacity", () => {
  it.each([
    ["fewer sessions than it may serve", 8, 2, 2],
    ["more sessions than it may serve", 1, 5, 1],
  ])("of %s announces and takes the lower", async (_, maxSessions, capacity, seats) => {
    const rig = memoryRig();
    untilTestEnds(startReplica({ clock: rig.clock, bus: rig.broker.connect() }, echoStage(), { maxSessions, capacity }));
    const announced = () => rig.registry.all().map(({ capacity, headroom, sessions }) => ({ capacity, headroom, sessions }));
    await until("it is heard", () => announced().length === 1);
    expect(announced()).toEqual([{ capacity: seats, headroom: seats, sessions: 0 }]);
    const open = async (session: string) => {
      const context = contextOf(session);
      const address = { site, tenant: context.tenant, session };
      readIdly(rig.bus, address, "reply");
      const owner = new PromptingOwner(rig.bus, address, rig.clock, new OwnerState(() => undefined));
      return await openAlone(rig, owner, context, "llm");
    };
    for (let taken = 0; taken < seats; taken++) await open(`one-${taken}`);
    await until("it is full", () => announced()[0]?.headroom === 0);
    await expect(open("too-many")).rejects.toMatchObject({ reason: "NO_CAPACITY" });
  });
});
