import { create, toBinary } from "@bufbuild/protobuf";
import { infrastructureSubject } from "@troupe/bus";
import { DrainRequestSchema } from "@troupe/contracts";
import { createGrants, OwnerState } from "@troupe/session";
import { until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { echoStage } from "../testing/echo-stage.ts";
import { contextOf, grants, memoryRig, openAlone, PromptingOwner, readIdly, site, startReplica, untilTestEnds } from "../testing/rig.ts";
import { requestDrain } from "./drain.ts";

const llm = { replica: "llm-1", stage: "llm" };

async function servedSession() {
  const rig = memoryRig();
  const replica = untilTestEnds(startReplica({ clock: rig.clock, bus: rig.broker.connect() }, echoStage()));
  const address = { site, tenant: "acme", session: "s1" };
  readIdly(rig.bus, address, "reply");
  const owner = new PromptingOwner(rig.bus, address, rig.clock, new OwnerState(() => undefined));
  await openAlone(rig, owner, contextOf("s1"), "llm");
  const deps = { bus: rig.bus, site, grants };
  return { rig, replica, deps };
}

describe("a replica that the platform asks to drain", () => {
  it("keeps its sessions, takes no more, and says so", async () => {
    const { rig, replica, deps } = await servedSession();
    expect(await requestDrain(deps, llm, "ScaleDown")).toMatchObject({ sessions: 1 });
    expect(replica.sessions).toBe(1);
    await until("it is announced", () => rig.registry.all()[0]?.admitting === false);
    expect(rig.registry.candidates("llm")).toEqual([]);
  });

  it("may be asked again, and tells the same", async () => {
    const { deps } = await servedSession();
    const first = await requestDrain(deps, llm, "ScaleDown");
    expect(await requestDrain(deps, llm, "Cordon")).toEqual(first);
  });

  it.each([
    [
      "another key",
      "GRANT_INVALID",
      (session: string) => createGrants(new Uint8Array(32).fill(8)).sign({ tenant: "_platform", session, stage: "llm" }),
    ],
    ["a session's grant", "GRANT_SCOPE", (session: string) => grants.sign({ tenant: "acme", session, stage: "llm" })],
    ["another replica's grant", "GRANT_SCOPE", () => grants.sign({ tenant: "_platform", session: "llm-2", stage: "llm" })],
  ] as const)("refuses %s", async (_, reason, sign) => {
    const { rig } = await servedSession();
    const request = toBinary(DrainRequestSchema, create(DrainRequestSchema, { grant: await sign("llm-1"), stage: "llm" }));
    const inbox = infrastructureSubject(site, "replica", "llm-1", "drain");
    await expect(rig.bus.request(inbox, request, { timeoutMs: 1000 })).rejects.toMatchObject({ reason });
    expect(rig.registry.candidates("llm")).toHaveLength(1);
  });
});
