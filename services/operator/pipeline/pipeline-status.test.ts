import type { Model, Pipeline, ResolvedStage, Site, StagePool } from "@troupe/kinds";
import { describe, expect, it } from "vitest";
import { conditionNow, modelObject, pipelineObject, poolObject, stageOf } from "../testing/objects.ts";
import { pipelineStatus } from "./pipeline-status.ts";

const nowMs = Date.UTC(2026, 0, 1);

function look(pipeline: Pipeline, models: readonly Model[], pools: readonly StagePool[] = [], sites: readonly Site[] = []) {
  const find =
    <T extends { metadata: { name: string } }>(all: readonly T[]) =>
    (name: string) =>
      all.find((one) => one.metadata.name === name);
  const status = pipelineStatus({ pipeline, model: find(models), site: find(sites), pools }, nowMs);
  const verdict = (type: string) => {
    const condition = status.conditions.find((one) => one.type === type);
    return `${condition?.status} ${condition?.reason}`;
  };
  return { ...status, verdict, message: (type: string) => status.conditions.find((one) => one.type === type)?.message ?? "" };
}

const voice = modelObject("voice");
const served = (...names: readonly string[]): ResolvedStage[] => [
  { stage: "tts", models: names.map((name) => ({ name, uid: `uid-${name}` })) },
];
const tts = (...models: readonly string[]) => ({ stage: "tts" as const, models });
const counts = { admittingReplicas: 1 } as NonNullable<StagePool["status"]>;

describe("a pipeline is resolved", () => {
  it("to the Model objects that it names, each once", () => {
    const stages = [stageOf("tts", "voice", "other", "voice"), stageOf("face", "net")];
    const { resolved, verdict } = look(pipelineObject({ stages }), [voice, modelObject("other"), modelObject("net", { stage: "face" })]);
    expect(resolved).toEqual([
      {
        stage: "tts",
        models: [
          { name: "other", uid: "uid-other" },
          { name: "voice", uid: "uid-voice" },
        ],
      },
      { stage: "face", models: [{ name: "net", uid: "uid-net" }] },
    ]);
    expect(verdict("Resolved")).toBe("True AllFound");
  });

  it.each([
    ["SiteUnknown", { sites: ["moon"] }, [voice]],
    ["ModelUnknown", {}, []],
    ["ModelOfOtherStage", {}, [modelObject("voice", { stage: "asr" })]],
    ["ModelRefused", {}, [modelObject("voice", {}, [conditionNow("Verified", "False")])]],
  ])("not, and says %s", (reason, spec, models) => {
    const { verdict, resolved } = look(pipelineObject(spec), models);
    expect(verdict("Resolved")).toBe(`False ${reason}`);
    expect(resolved).toBeUndefined();
  });

  it("not for a language that its model does not speak, but for a region of one that it does", () => {
    const stages = (language: string) => [{ ...stageOf("tts"), models: [{ model: "voice", role: "", languages: [language] }] }];
    const english = modelObject("voice", { languages: ["en-US"] });
    expect(look(pipelineObject({ stages: stages("zh") }), [english]).verdict("Resolved")).toBe("False LanguageUnserved");
    expect(look(pipelineObject({ stages: stages("en") }), [english]).verdict("Resolved")).toBe("True AllFound");
  });

  it("later, while a model is being verified", () => {
    expect(look(pipelineObject(), [modelObject("voice", {}, [])]).verdict("Resolved")).toBe("Unknown ModelUnverified");
  });

  it("as before, while the spec names what does not exist", () => {
    const { resolved, verdict } = look(pipelineObject({}, { resolved: served("old") }, 2), []);
    expect(resolved).toEqual(served("old"));
    expect(verdict("Resolved")).toBe("False ModelUnknown");
  });

  it("also where a backend covers the model's stage", () => {
    const stages = [{ ...stageOf("llm", "voice"), covers: ["tts" as const] }];
    expect(look(pipelineObject({ stages }), [voice]).verdict("Resolved")).toBe("True AllFound");
  });
});

describe("a pipeline is ready", () => {
  it("when each stage has a replica of its models that admits sessions", () => {
    const stages = [stageOf("tts", "voice"), stageOf("compositor")];
    const models = [voice];
    const pools = [poolObject("tts", tts("voice"), counts), poolObject("c", { stage: "compositor", models: [] }, counts)];
    expect(look(pipelineObject({ stages }), models, pools).verdict("Ready")).toBe("True AllStagesAdmit");
    const without = look(pipelineObject({ stages }), models, pools.slice(0, 1));
    expect(without.verdict("Ready")).toBe("False StageNotAdmitting");
    expect(without.message("Ready")).toContain("compositor");
    expect(look(pipelineObject({ stages }), models, [poolObject("tts", tts("other"), counts)]).message("Ready")).toContain(
      "tts, compositor",
    );
  });

  it("by the rule by which sessions are routed: with the same backend, all of the models, and all stages at one site that it may use", () => {
    const stages = [stageOf("tts", "voice", "other"), stageOf("compositor")];
    const models = [voice, modelObject("other")];
    const there = { metadata: { name: "there" } } as Site;
    const at = (site: string, pool: StagePool) => ({ ...pool, spec: { ...pool.spec, site } });
    const speaks = (name: string, ...known: string[]) => at("here", poolObject(name, tts(...known), counts));
    const composes = (site: string, backend?: string) =>
      at(site, poolObject("c", { stage: "compositor", models: [], ...(backend !== undefined && { backend }) }, counts));
    const message = (pools: StagePool[], spec = {}) => look(pipelineObject({ stages, ...spec }), models, pools, [there]).message("Ready");
    expect(message([speaks("both", "other", "voice"), composes("here")])).toContain("every stage");
    expect(message([speaks("a", "other"), speaks("b", "voice"), composes("here")])).toContain("sessions for tts");
    expect(message([speaks("both", "other", "voice"), composes("here", "stub")])).toContain("sessions for compositor");
    expect(message([speaks("both", "other", "voice"), composes("there")])).toContain("for compositor at here, the site that lacks least");
    expect(message([speaks("both", "other", "voice"), composes("here")], { sites: ["there"] })).toContain("sessions for tts, compositor");
  });

  it("without replicas where an endpoint serves the stage", () => {
    const stages = [{ ...stageOf("tts"), endpoint: { url: "https://tts.example.org" } }];
    expect(look(pipelineObject({ stages }), []).verdict("Ready")).toBe("True AllStagesAdmit");
  });
});

describe("a model version that crash-loops", () => {
  const unhealthy = { ...counts, admittingReplicas: 0, conditions: [conditionNow("Healthy", "False", { message: "exit code 1" })] };
  const crashing = poolObject("tts-new", tts("new"), unhealthy);
  const models = [modelObject("old"), modelObject("new")];
  const rolling = (generation: number, status: object) =>
    pipelineObject({ stages: [stageOf("tts", "new")] }, status as NonNullable<Pipeline["status"]>, generation);

  it("is taken back to what served before, once, and it is said why", () => {
    const forward = look(rolling(2, { resolved: served("old") }), models);
    expect(forward).toMatchObject({ resolved: served("new"), previous: served("old") });
    const back = look(rolling(2, forward), models, [crashing]);
    expect(back).toMatchObject({ resolved: served("old"), previous: served("old") });
    expect(back.verdict("RolledBack")).toBe("True ModelCrashLoop");
    expect(back.message("RolledBack")).toContain("model new in pool tts-new ends again and again (exit code 1); back to old");
    const later = look(rolling(2, back), models);
    expect(later).toMatchObject({ resolved: served("old") });
    expect(later.verdict("RolledBack")).toBe("True ModelCrashLoop");
  });

  it("is tried again when a person changes the spec", () => {
    const conditions = [conditionNow("RolledBack", "True", { observedGeneration: 2 })];
    const again = look(rolling(3, { resolved: served("old"), previous: served("old"), conditions }), models);
    expect(again).toMatchObject({ resolved: served("new"), previous: served("old") });
    expect(again.verdict("RolledBack")).toBe("False NotRolledBack");
  });

  it("stays where nothing served before, and where the crashing model is not the new one", () => {
    const first = look(rolling(1, { resolved: served("new") }), models, [crashing]);
    expect(first).toMatchObject({ resolved: served("new"), previous: undefined });
    const old = poolObject("tts-old", tts("old"), unhealthy);
    const other = look(rolling(2, { resolved: served("new"), previous: served("old") }), models, [old]);
    expect(other.verdict("RolledBack")).toBe("False NotRolledBack");
  });

  it("is not mistaken for another because the API server keeps lists in its own order", () => {
    const stages = [stageOf("tts", "new", "old")];
    const status = { resolved: served("old", "new"), previous: served("old") };
    const { resolved, previous } = look(pipelineObject({ stages }, status), models);
    expect({ resolved, previous }).toEqual(status);
  });
});
