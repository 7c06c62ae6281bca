import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "@troupe/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chart, createHelm, type Helm, type Manifest, namespace } from "./testing/helm.ts";
import { olderVersion, packageOlderChart } from "./testing/older-chart.ts";

// Budget: a control plane of 640 MB, about 20 s. Nothing runs as a Pod here.

let folder: string;
let cluster: ControlPlane;
let helm: Helm;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-upgrade-"));
  cluster = await startControlPlane({ signal: AbortSignal.timeout(80_000) });
  helm = await createHelm(folder, cluster.kubeconfig);
  const older = await packageOlderChart(helm, folder);
  await helm.run("install", "troupe", older, "--namespace", namespace, "--create-namespace");
  await cluster.apply([pool]);
});

afterAll(async () => {
  await cluster?.close();
  await rm(folder, { recursive: true, force: true });
});

const pool = {
  apiVersion: "troupe.dev/v1alpha1",
  kind: "StagePool",
  metadata: { name: "face", namespace },
  spec: {
    members: [{ stage: "face" }],
    acceleratorClass: "cpu",
    site: "main",
    share: { cpuMillicores: 500 },
    minReplicas: 1,
    maxReplicas: 2,
    template: { image: `troupe/troupe:${olderVersion}` },
  },
};

const read = (path: string) => cluster.api.request<Manifest>({ path }, AbortSignal.timeout(10_000));
const storedPool = () => read(`/apis/troupe.dev/v1alpha1/namespaces/${namespace}/stagepools/face`);
const nats = () => read(`/apis/apps/v1/namespaces/${namespace}/statefulsets/troupe-nats`);
const warm = { ...pool, spec: { ...pool.spec, warmReplicas: 1 } };
const images = async () => {
  const { items } = await read(`/apis/apps/v1/namespaces/${namespace}/deployments`);
  return items.map(({ spec }: Manifest) => spec.template.spec.containers[0].image).sort();
};
const nameAndUid = async (path: string) =>
  (await read(path)).items.map(({ metadata }: Manifest) => `${metadata.name} ${metadata.uid}`).sort();

describe("an upgrade from a chart that is one image and one field older", () => {
  it("begins where that field is not known", async () => {
    expect(await images()).toEqual([`troupe/troupe:${olderVersion}`, `troupe/troupe:${olderVersion}`]);
    expect((await storedPool()).spec).not.toHaveProperty("warmReplicas");
    await expect(cluster.apply([warm])).rejects.toThrow(/warmReplicas/u);
  });

  it("brings the image and the field, and leaves every object as it was", async () => {
    const kinds = ["models", "sites", "acceleratorclasses", "pipelines", "stagepools"].map(
      (plural) => `/apis/troupe.dev/v1alpha1/${plural}`,
    );
    const before = await Promise.all([...kinds, `/api/v1/namespaces/${namespace}/secrets`].map(nameAndUid));
    const { generation, uid } = (await storedPool()).metadata;
    const natsBefore = (await nats()).metadata.generation;
    await helm.run("upgrade", "troupe", chart, "--namespace", namespace);

    expect(await images()).toEqual(["troupe/troupe:0.1.0", "troupe/troupe:0.1.0"]);
    // Restarting it would interrupt everybody.
    expect((await nats()).metadata.generation).toBe(natsBefore);
    const stored = await storedPool();
    // Read with its default, stored as before: nothing is rolled for it.
    expect(stored.spec).toMatchObject({ warmReplicas: 0, template: { image: `troupe/troupe:${olderVersion}` } });
    expect(stored.metadata).toMatchObject({ generation, uid });
    const after = await Promise.all([...kinds, `/api/v1/namespaces/${namespace}/secrets`].map(nameAndUid));
    // Helm keeps a Secret of each release.
    const own = (lists: readonly string[][]) => lists.map((list) => list.filter((name) => !name.startsWith("sh.helm.release.")));
    expect(own(after)).toEqual(own(before));
    await cluster.apply([warm]);
    expect((await storedPool()).spec.warmReplicas).toBe(1);
  });

  it("goes back, and keeps the kinds' objects", async () => {
    const { uid } = (await storedPool()).metadata;
    await helm.run("rollback", "troupe", "1", "--namespace", namespace);
    expect(await images()).toEqual([`troupe/troupe:${olderVersion}`, `troupe/troupe:${olderVersion}`]);
    expect((await storedPool()).metadata.uid).toBe(uid);
  });
});
