import { fromBinary } from "@bufbuild/protobuf";
import { createMemoryBroker } from "@troupe/bus";
import { SiteRoutesSchema } from "@troupe/contracts";
import type { StagePool } from "@troupe/kinds";
import { siteBucketOptions, siteBuckets } from "@troupe/session";
import { expect, it } from "vitest";
import { conditionNow, pipelineObject, stageOf } from "../../testing/objects.ts";
import { createRoutesController, routedPipeline, routesKey } from "./routes.ts";
import type { RoutedPipeline } from "./site-routes.ts";

const pool = (name: string, model: string) =>
  ({ metadata: { name }, spec: { site: "here", members: [{ stage: "tts", models: [model] }] } }) as unknown as StagePool;
const talk = (model: string): RoutedPipeline => ({ name: "acme/talk", stages: [{ stage: "tts", backend: "", models: [model] }] });

/** An operator's loop, over what it sees at each look. */
async function operator() {
  const store = await createMemoryBroker(() => 0)
    .connect()
    .keyValue(siteBuckets.routes, siteBucketOptions);
  const seen: { pools: readonly StagePool[]; pipelines: readonly RoutedPipeline[] | undefined } = { pools: [], pipelines: undefined };
  const start = () =>
    createRoutesController(
      { pools: { list: () => [...seen.pools] }, store, sites: () => ["here"], pipelines: async () => seen.pipelines },
      { defaultPipeline: "sys/default" },
    );
  let controller = start();
  const look = async () => {
    await controller.reconcile(routesKey, new AbortController().signal);
    const entry = await store.get("here");
    return entry && { revision: entry.revision, routes: fromBinary(SiteRoutesSchema, entry.value) };
  };
  const restart = () => {
    controller = start();
  };
  return { seen, look, restart };
}

it("what gateways are told follows pipelines and pools, and is written only when it changes", async () => {
  const { seen, look } = await operator();
  expect(await look()).toBeUndefined();
  Object.assign(seen, { pipelines: [talk("m1")], pools: [pool("one", "m1")] });
  const first = await look();
  expect(first?.routes).toMatchObject({
    defaultPipeline: "sys/default",
    pipelines: [{ pipeline: "acme/talk", stages: [{ stage: "tts", pools: ["one"] }] }],
  });
  expect((await look())?.revision).toBe(first?.revision);
  Object.assign(seen, { pools: [] });
  expect((await look())?.routes.pipelines[0]?.stages[0]?.pools).toEqual([]);
});

it("an operator that takes over knows the pools that served before", async () => {
  const { seen, look, restart } = await operator();
  Object.assign(seen, { pipelines: [talk("m1")], pools: [pool("one", "m1")] });
  await look();
  restart();
  Object.assign(seen, { pipelines: [talk("m2")] });
  expect((await look())?.routes.pipelines[0]?.stages).toMatchObject([{ pools: [], formerPools: ["one"] }]);
});

it("of a pipeline the models that it is resolved to are routed, and no stage with a server outside", () => {
  const resolved = [{ stage: "tts" as const, models: [{ name: "voice-2", uid: "" }] }];
  const outside = { ...stageOf("llm"), endpoint: { url: "https://llm.example" } };
  const pipeline = pipelineObject(
    { stages: [stageOf("tts", "voice"), outside] },
    { resolved, conditions: [conditionNow("Resolved", "True")] },
  );
  expect(routedPipeline(pipeline)).toEqual({ name: "acme/talk", stages: [{ stage: "tts", backend: "", models: ["voice-2"] }] });
  expect(routedPipeline(pipelineObject())).toEqual({ name: "acme/talk", stages: [] });
});
