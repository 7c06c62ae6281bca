import type { StagePool } from "@troupe/kinds";
import { expect, it } from "vitest";
import { type RoutedPipeline, type RoutesInput, siteRoutes } from "./site-routes.ts";

const pool = (name: string, models: readonly string[], backend?: string, site = "here") =>
  ({
    metadata: { name },
    spec: { site, members: [{ stage: "tts", models, ...(backend !== undefined && { backend }) }] },
  }) as unknown as StagePool;
const pipeline = (name: string, models: readonly string[], backend = ""): RoutedPipeline => ({
  name,
  stages: [{ stage: "tts", backend, models }],
});

function routes(pipelines: readonly RoutedPipeline[], pools: readonly StagePool[], before?: RoutesInput["before"]) {
  return siteRoutes({ site: "here", defaultPipeline: "sys/default", pipelines, pools, before });
}
const told = (made: ReturnType<typeof routes>) =>
  made.pipelines.map(({ pipeline: name, stages }) => [name, stages.map((one) => [one.pools, one.formerPools])]);

it("a pool serves the pipelines whose models it has, with the same backend, at its own site", () => {
  const pools = [pool("z", ["m1", "m2"]), pool("y", ["m1"]), pool("x", ["m1", "m2"], "other"), pool("far", ["m1", "m2"], "", "there")];
  expect(told(routes([pipeline("b/two", ["m1", "m2"]), pipeline("a/one", ["m1"])], pools))).toEqual([
    ["a/one", [[["y", "z"], []]]],
    ["b/two", [[["z"], []]]],
  ]);
  expect(told(routes([pipeline("a/one", ["m1"], "other")], pools))).toEqual([["a/one", [[["x"], []]]]]);
});

it("pools of the version before stay for as long as they are there", () => {
  const [old, next] = [pool("old", ["m1"]), pool("next", ["m2"])];
  const first = routes([pipeline("a/one", ["m1"])], [old]);
  const second = routes([pipeline("a/one", ["m2"])], [old, next], first);
  expect(told(second)).toEqual([["a/one", [[["next"], ["old"]]]]]);
  const third = routes([pipeline("a/one", ["m2"])], [old, next], second);
  expect(told(third)).toEqual(told(second));
  expect(told(routes([pipeline("a/one", ["m2"])], [next], third))).toEqual([["a/one", [[["next"], []]]]]);
});

it("a pool of the version before is nobody's any more once another pipeline has it", () => {
  const pools = [pool("old", ["m1"]), pool("next", ["m2"])];
  const first = routes([pipeline("a/one", ["m1"])], pools);
  const second = routes([pipeline("a/one", ["m2"]), pipeline("b/other", ["m1"])], pools, first);
  expect(told(second)).toEqual([
    ["a/one", [[["next"], []]]],
    ["b/other", [[["old"], []]]],
  ]);
});

it("a pipeline that was never resolved is known, and served by nobody", () => {
  expect(told(routes([{ name: "a/one", stages: [] }], [pool("any", ["m1"])]))).toEqual([["a/one", []]]);
});
