import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "@troupe/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCrds, rulesOf } from "../../tools/kinds/crd.ts";
import { apiVersion } from "./names.ts";
import { example, type Json } from "./testing/objects.ts";
import { ruleCases } from "./testing/rule-cases.ts";

// Budget: a control plane of 640 MB, about 10 s.

const crds = await readCrds(join(import.meta.dirname, "../.."));
let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane({ signal: AbortSignal.timeout(80_000) });
  await cluster.apply(
    (await Promise.all(crds.map(({ file }) => readFile(join(import.meta.dirname, "crds", `${file}.yaml`), "utf8")))).join("---\n"),
  );
  await cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", ...crds.map(({ plural }) => `crd/${plural}.troupe.dev`));
  // kubectl forgets what it knew of the API.
  await cluster.kubectl("api-resources", "--api-group=troupe.dev");
});

afterAll(() => cluster?.close());

function pathOf(file: string, object: Json, name?: string): string {
  const crd = crds.find((one) => one.file === file);
  const within = crd?.scope === "Namespaced" ? `/namespaces/${object.metadata.namespace}` : "";
  return `/apis/${apiVersion}${within}/${crd?.plural}${name ? `/${name}` : ""}`;
}

/** What the API server makes of it. @returns the object, or why it was refused */
async function send(method: "POST" | "PUT" | "PATCH", path: string, body: Json): Promise<Json> {
  const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  return await cluster.api
    .request<Json>({ method, path, body, contentType }, AbortSignal.timeout(10_000))
    .catch((error: Error) => ({ refused: error.message }));
}

const create = (file: string, object: Json, query = "") => send("POST", `${pathOf(file, object)}${query}`, object);

/** Creates it for good, under a name of its own. */
async function created(file: string, change: (object: Json) => void = () => undefined): Promise<Json> {
  const object = example(file, (one) => {
    one.metadata.name = `t${randomUUID().slice(0, 13)}`;
    change(one);
  });
  const answer = await create(file, object);
  expect(answer.refused).toBeUndefined();
  return answer;
}

describe("every rule", () => {
  it("has a row in the table, and every row is of a rule", () => {
    const written = crds.flatMap((crd) => rulesOf(crd).map(({ message }) => `${crd.file}: ${message}`));
    expect(ruleCases.map(({ file, message }) => `${file}: ${message}`).sort()).toEqual(written.sort());
    expect(new Set(written).size).toBe(written.length);
  });

  it.each(ruleCases.map((one) => [one.file, one.message, one] as const))("%s: %s", async (file, message, { before, refused, accepted }) => {
    const attempt = async (object: Json) => {
      if (!before) return await create(file, object, "?dryRun=All");
      const { metadata } = stored;
      const body = { ...object, metadata: { ...object.metadata, name: metadata.name, resourceVersion: metadata.resourceVersion } };
      return await send("PUT", `${pathOf(file, object, metadata.name)}?dryRun=All`, body);
    };
    const stored = before ? await created(file) : undefined;
    const answer = (await attempt(refused)).refused as string;
    // One cause alone, and its text as written.
    expect(answer).toMatch(/ is invalid: (spec[^ ]*|metadata[^ ]*|<nil>): Invalid value: /u);
    expect(answer.endsWith(`: ${message}`), answer).toBe(true);
    expect((await attempt(accepted)).refused).toBeUndefined();
  });
});

describe("examples", () => {
  it.each(crds.map(({ file }) => file))("of %s is accepted without a warning of unknown fields", async (file) => {
    expect((await create(file, example(file), "?dryRun=All&fieldValidation=Strict")).refused).toBeUndefined();
  });
});

describe("what is given besides the spec's own fields", () => {
  const minimal: Readonly<Record<string, { readonly spec: Json; readonly stored: Json }>> = {
    "accelerator-class": {
      spec: { kind: "cpu", executionProvider: "cpu" },
      stored: { partitions: [], videoEncoders: 0, graphics: false, sharing: { allowTimeSliced: false }, pricePerHourMicros: 0 },
    },
    site: {
      spec: { tier: "cloud" },
      stored: { cluster: "", nodeSelector: {}, residency: [], roundTrips: [], priceFactorPercent: 100, paused: false, lost: false },
    },
    avatar: { spec: { bundle: "mara", displayName: "Mara", pipelineRef: { name: "museum" } }, stored: { voices: {}, persona: "" } },
    tenant: {
      spec: {},
      stored: {
        namespaces: [],
        quotas: [],
        residency: [],
        policy: { motionOnly: false, speechOutsideSessions: false, recordTranscripts: false },
      },
    },
  };

  it.each(Object.entries(minimal))("%s: its defaults", async (file, { spec, stored }) => {
    const answer = await create(file, { ...example(file), spec }, "?dryRun=All");
    expect(answer.spec).toEqual({ ...spec, ...stored });
  });

  it("model: languages, licence and encoder", async () => {
    const answer = await created("model", ({ spec }) => {
      delete spec.languages;
      delete spec.licence;
    });
    expect(answer.spec).toMatchObject({ languages: [], licence: "", needs: [{ videoEncoder: false }] });
  });

  it("pipeline: an objective, a limit, and empty lists in each stage", async () => {
    const answer = await created("pipeline", ({ spec }) => {
      for (const field of ["objective", "residency"]) delete spec[field];
    });
    expect(answer.spec).toMatchObject({
      objective: { voiceToSoundMilliseconds: 1200 },
      roundTripLimitMilliseconds: 30,
      residency: [],
      sites: [],
      stages: [
        {
          stage: "asr",
          covers: [],
          models: [
            { role: "", languages: ["en"] },
            { role: "", languages: [] },
          ],
        },
        { models: [] },
        {},
        {},
        {},
      ],
    });
  });

  it("stage-pool: replicas that nobody has said, how it drains, and its template", async () => {
    const answer = await created("stage-pool", ({ spec }) => {
      spec.template = { image: "troupe:1" };
    });
    expect(answer.spec).toMatchObject({ replicas: 0, warmReplicas: 0, paused: false, drain: { timeoutSeconds: 3600, maxSurge: 1 } });
    expect(answer.spec.template).toEqual({
      image: "troupe:1",
      imagePullPolicy: "IfNotPresent",
      imagePullSecrets: [],
      args: [],
      env: [],
      resources: { requests: {}, limits: {} },
      nodeSelector: {},
      tolerations: [],
      cache: { emptyDirSizeMebibytes: 4096 },
      startupSeconds: 300,
      terminationGracePeriodSeconds: 75,
    });
  });
});

describe("bounds", () => {
  const beyond: readonly (readonly [string, string, (spec: Json) => void])[] = [
    ["stage-pool", "spec.maxReplicas", (spec) => Object.assign(spec, { maxReplicas: 1001 })],
    ["stage-pool", "spec.template.image", (spec) => Object.assign(spec.template, { image: "a b" })],
    [
      "stage-pool",
      "spec.template.resources.requests.cpu",
      (spec) => Object.assign(spec.template, { resources: { requests: { cpu: "many" } } }),
    ],
    ["model", "spec.manifest.sha256", (spec) => Object.assign(spec.manifest, { sha256: "A".repeat(64) })],
    ["pipeline", "spec.stages[0].stage", (spec) => Object.assign(spec.stages[0], { stage: "vad" })],
    ["pipeline", "spec.stages[1]", (spec) => spec.stages.splice(1, 1, spec.stages[0])],
    ["tenant", "spec.quotas[0].weight", (spec) => Object.assign(spec.quotas[0], { weight: 0 })],
    ["site", "spec.residency[1]", (spec) => Object.assign(spec, { residency: ["eu", "eu"] })],
    ["model", "spec.needs", (spec) => Object.assign(spec, { needs: [] })],
    ["model", "spec.needs[0].share.whole", (spec) => Object.assign(spec.needs[0], { share: { whole: false } })],
  ];

  it.each(beyond)("%s: %s", async (file, path, change) => {
    const answer = await create(
      file,
      example(file, ({ spec }) => change(spec)),
      "?dryRun=All",
    );
    expect(answer.refused).toContain(path);
  });

  it("let cpu and memory be numbers or quantities", async () => {
    const resources = { requests: { cpu: 2, memory: "512Mi" }, limits: { memory: "1Gi" } };
    expect((await created("stage-pool", ({ spec }) => Object.assign(spec.template, { resources }))).spec.template.resources).toEqual(
      resources,
    );
  });
});

describe("a StagePool's scale", () => {
  const scaleOf = (pool: Json) => `${pathOf("stage-pool", pool, pool.metadata.name)}/scale`;
  const get = (path: string) => cluster.api.request<Json>({ path }, AbortSignal.timeout(10_000));

  it("is read and written within the bounds, and refused beyond them", async () => {
    const pool = await created("stage-pool");
    expect((await send("PATCH", scaleOf(pool), { spec: { replicas: 3 } })).spec).toEqual({ replicas: 3 });
    expect((await get(pathOf("stage-pool", pool, pool.metadata.name))).spec.replicas).toBe(3);
    for (const replicas of [0, 5])
      expect((await send("PATCH", scaleOf(pool), { spec: { replicas } })).refused).toMatch(
        /: replicas must be between minReplicas and maxReplicas$/u,
      );
  });

  it("does not hinder the planner, who moves the bounds past it", async () => {
    const pool = await created("stage-pool", ({ spec }) => Object.assign(spec, { replicas: 2 }));
    const path = pathOf("stage-pool", pool, pool.metadata.name);
    expect((await send("PATCH", path, { spec: { minReplicas: 3 } })).spec).toMatchObject({ minReplicas: 3, replicas: 2 });
    expect((await send("PATCH", scaleOf(pool), { spec: { replicas: 2 } })).refused).toBeUndefined();
    expect((await send("PATCH", scaleOf(pool), { spec: { replicas: 1 } })).refused).toContain("replicas must be between");
    expect((await send("PATCH", scaleOf(pool), { spec: { replicas: 3 } })).spec.replicas).toBe(3);
  });

  it("shows the status that the controller wrote", async () => {
    const pool = await created("stage-pool");
    const selector = "troupe.dev/pool=cloud-cpu-asr";
    await send("PATCH", `${pathOf("stage-pool", pool, pool.metadata.name)}/status`, { status: { replicas: 2, selector } });
    expect((await get(scaleOf(pool))).status).toEqual({ replicas: 2, selector });
  });
});

describe("status", () => {
  it("is written only through its subresource", async () => {
    const pool = await created("stage-pool");
    const path = pathOf("stage-pool", pool, pool.metadata.name);
    expect((await send("PATCH", path, { status: { replicas: 2 } })).status).toBeUndefined();
    expect((await send("PATCH", `${path}/status`, { status: { replicas: 2 }, spec: { paused: true } })).spec.paused).toBe(false);
  });

  it("keeps the conditions of two writers apart", async () => {
    const pool = await created("stage-pool");
    const path = `${pathOf("stage-pool", pool, pool.metadata.name)}/status`;
    const head = { apiVersion, kind: "StagePool", metadata: { name: pool.metadata.name } };
    const apply = async (type: string, manager: string) =>
      await cluster.api.request<Json>(
        {
          method: "PATCH",
          path: `${path}?fieldManager=${manager}`,
          contentType: "application/apply-patch+yaml",
          body: {
            ...head,
            status: {
              conditions: [
                { type, status: "True", reason: "Seen", message: "", observedGeneration: 1, lastTransitionTime: "2026-01-01T00:00:00Z" },
              ],
            },
          },
        },
        AbortSignal.timeout(10_000),
      );
    await apply("Available", "troupe-stage-pool");
    const answer = await apply("Placed", "troupe-planner");
    expect(answer.status.conditions.map(({ type }: Json) => type)).toEqual(["Available", "Placed"]);
  });
});

describe("kubectl", () => {
  it.each(crds.map((crd) => [crd.file, crd] as const))(
    "shows the columns of %s, by its short name",
    async (file, { shortNames, columns }) => {
      const { metadata } = await created(file);
      const namespace = metadata.namespace ? ["-n", metadata.namespace] : [];
      const lines = (await cluster.kubectl("get", String(shortNames[0]), metadata.name, "-o", "wide", ...namespace)).split("\n");
      const titles = columns.map(({ name }) => name.toUpperCase());
      expect(lines[0]?.trim().split(/\s{2,}|(?<=NAME)\s+/u)).toEqual(["NAME", ...titles]);
    },
  );

  it("shows what stands where: desired replicas, class, site and stage of a pool", async () => {
    const { metadata } = await created("stage-pool", ({ spec }) => Object.assign(spec, { replicas: 2 }));
    const [, row] = (await cluster.kubectl("get", "sp", metadata.name, "-n", "default")).split("\n");
    expect(row?.trim().split(/\s+/u).slice(1, 5)).toEqual(["asr", "cloud", "cpu", "2"]);
  });

  it("lists all kinds under one name", async () => {
    await Promise.all(crds.map(({ file }) => created(file)));
    const listed = await cluster.kubectl("get", "troupe", "-A", "-o", "name");
    for (const { plural, file } of crds) expect(listed, file).toContain(`${plural.replace(/(ss)es$|s$/u, "$1")}.troupe.dev/`);
  });
});
