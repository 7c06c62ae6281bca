import { create } from "@bufbuild/protobuf";
import { AnnouncementSchema, SiteRoutesSchema } from "@troupe/contracts";
import { expect, it } from "vitest";
import { chooseReplicas } from "./routes.ts";

const routes = create(SiteRoutesSchema, {
  pipelines: [
    { pipeline: "a/talk", stages: [{ stage: "tts", pools: ["tts-a", "tts-both"], formerPools: ["tts-old"] }] },
    { pipeline: "b/talk", stages: [{ stage: "tts", pools: ["tts-b", "tts-both"] }] },
  ],
});
const replicas = ["tts-old", "tts-b", "tts-both", "", "tts-a", "tts-spare"].map((pool) =>
  create(AnnouncementSchema, { replica: pool || "alone", stage: "tts", pool }),
);
const chosen = (pipeline: string, stage = "tts") => chooseReplicas(routes, pipeline, stage, replicas).map(({ replica }) => replica);

it("a session goes to the pools of its pipeline and to replicas of no pool, in their order, and to former pools last", () => {
  expect(chosen("a/talk")).toEqual(["tts-both", "alone", "tts-a", "tts-old"]);
  expect(chosen("b/talk")).toEqual(["tts-b", "tts-both", "alone"]);
});

it("a stage without a pool of the pipeline is served by replicas of no pool alone", () => {
  expect(chosen("a/talk", "llm")).toEqual(["alone"]);
});

it("a session without a pipeline, or of one that is gone, takes no pipeline's replicas", () => {
  for (const pipeline of ["", "c/gone"]) expect(chosen(pipeline)).toEqual(["tts-old", "alone", "tts-spare"]);
});
