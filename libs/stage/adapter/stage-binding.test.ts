import { create } from "@bufbuild/protobuf";
import { edgeSubject } from "@troupe/bus";
import { PromptHeaderSchema, SessionStateSchema, StageOpenSchema } from "@troupe/contracts";
import { OwnerState } from "@troupe/session";
import { createManualClock, until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import type { StreamEdge } from "../edges.ts";
import type { Packet } from "../packet.ts";
import { echoOf, echoStage, Turnstile } from "../testing/echo-stage.ts";
import {
  contextOf,
  memoryRig,
  metrics,
  openAlone,
  PromptingOwner,
  readIdly,
  silentLogger,
  startReplica,
  untilTestEnds,
} from "../testing/rig.ts";
import { StageBinding } from "./stage-binding.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function bindingRig() {
  const turnstile = new Turnstile();
  const sent: Packet<StreamEdge>[] = [];
  const binding = await StageBinding.create(create(StageOpenSchema, { context: contextOf("s1"), epoch: 3, fromNumber: 1 }), {
    stage: echoStage({ pace: turnstile.pass }),
    clock: createManualClock(),
    logger: silentLogger,
    metrics,
    transport: { credit: false, send: (_, packet) => sent.push(packet as Packet<StreamEdge>) },
  });
  const value = create(PromptHeaderSchema, { language: "en", task: { case: "verbatim", value: "3 one" } });
  binding.accept("prompt", { epoch: 1, number: 1, seq: 0, body: { case: "header", value } }, {});
  await turn();
  turnstile.letOne(0);
  await turn();
  expect(sent.map(({ seq }) => seq)).toEqual([0]);
  return { binding, sent, turnstile };
}

describe("a binding", () => {
  it("writes nothing more once a later epoch has taken its place", async () => {
    const { binding, sent, turnstile } = await bindingRig();
    binding.merge(create(SessionStateSchema, { fences: { llm: 3 } }));
    turnstile.letOne(0);
    await turn();
    expect(sent).toHaveLength(2);
    binding.merge(create(SessionStateSchema, { fences: { llm: 4 } }));
    turnstile.openWide();
    await turn();
    expect(sent).toHaveLength(2);
  });

  it("writes nothing more once it is closed", async () => {
    const { binding, sent, turnstile } = await bindingRig();
    const closed = binding.close();
    turnstile.openWide();
    await closed;
    expect(sent).toHaveLength(1);
  });

  it("comes to no harm from bytes that are no message of its edges", async () => {
    const rig = memoryRig();
    untilTestEnds(startReplica({ clock: rig.clock, bus: rig.broker.connect() }, echoStage()));
    const context = contextOf("s1");
    const owner = new PromptingOwner(rig.bus, context, rig.clock, new OwnerState(() => undefined));
    readIdly(rig.bus, context, "reply");
    await openAlone(rig, owner, context, "llm");
    for (const edge of ["prompt", "control"]) rig.bus.publish(edgeSubject(context, edge), new Uint8Array([255, 255, 255]));
    const number = owner.state.nextResponse();
    owner.prompt(number, "2 words");
    await until("it is answered", () => owner.outcome(number) === "ok");
    expect(owner.answers.get(number)?.bodies).toEqual(echoOf("2 words"));
  });
});
