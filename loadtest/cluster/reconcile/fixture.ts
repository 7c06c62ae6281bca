import { type StageName, stageNames } from "@troupe/kinds";
import type { Cluster } from "../rig/cluster.ts";
import { namespace } from "../rig/cluster.ts";

const apiVersion = "troupe.dev/v1alpha1";
const siteLabel = "measurement.troupe.dev/site";
export const counts = { sites: 20, tenants: 50, replicasPerPool: 2 } as const;

/** How nodes show a class; all but the processor have eight devices of it. */
const classes = [
  { name: "cpu", resourceName: undefined },
  { name: "gpu-large", resourceName: "nvidia.com/gpu" },
  { name: "gpu-small", resourceName: "amd.com/gpu" },
  { name: "npu", resourceName: "example.com/npu" },
  { name: "codec", resourceName: "example.org/codec" },
] as const;
const devicesPerNode = "8";
const parallel = 10;
/** Each call looks at all nodes until its own are Ready. */
const parallelPlaces = 4;

export const classNames: readonly string[] = classes.map(({ name }) => name);
export const siteNames: readonly string[] = Array.from({ length: counts.sites }, (_, n) => `site-${n}`);
export const tenantNames: readonly string[] = Array.from({ length: counts.tenants }, (_, n) => `tenant-${n}`);
export const poolNames: readonly string[] = siteNames.flatMap((site) => classNames.map((name) => `${site}-${name}`));

/** Nodes of every class at every site, the kinds that describe them, tenants, and a pool for each class at each site. */
export async function fillCluster({ control, kwok }: Cluster, nodes: number, signal: AbortSignal): Promise<void> {
  const places = siteNames.flatMap((site) => classes.map((one) => ({ site, ...one })));
  const perPlace = Math.max(1, Math.round(nodes / places.length));
  await inParallel(places, parallelPlaces, ({ site, name, resourceName }) =>
    kwok.addFakeNodes(
      perPlace,
      {
        prefix: `${site}-${name}`,
        labels: { [siteLabel]: site, [`measurement.troupe.dev/${name}`]: "true" },
        capacity: resourceName ? { [resourceName]: devicesPerNode } : {},
      },
      signal,
    ),
  );
  await control.apply([
    ...classes.filter(({ resourceName }) => resourceName !== undefined).map(classOf),
    ...siteNames.map((name) => ({
      ...{ apiVersion, kind: "Site", metadata: { name } },
      spec: { tier: "cloud", nodeSelector: { [siteLabel]: name }, priceFactorPercent: 100 },
    })),
    ...tenantNames.flatMap((name) => [
      { apiVersion: "v1", kind: "Namespace", metadata: { name } },
      { apiVersion, kind: "Tenant", metadata: { name }, spec: { namespaces: [name] } },
    ]),
  ]);
  const pools = siteNames.flatMap((site) => classNames.map((name, n) => poolOf(site, name, stageNames[n] ?? "llm")));
  const path = `/apis/${apiVersion}/namespaces/${namespace}/stagepools`;
  const contentType = "application/merge-patch+json";
  await inParallel(pools, parallel, async (body) => {
    await control.api.request({ method: "POST", path, body }, signal);
    const scaled = { spec: { replicas: counts.replicasPerPool } };
    await control.api.request({ method: "PATCH", path: `${path}/${body.metadata.name}`, body: scaled, contentType }, signal);
  });
}

function classOf({ name, resourceName }: (typeof classes)[number]) {
  const match = { resourceName, nodeLabels: { [`measurement.troupe.dev/${name}`]: "true" } };
  const spec = {
    kind: name === "npu" ? "npu" : name === "codec" ? "other" : "gpu",
    memoryMebibytes: 24_576,
    executionProvider: "cuda",
    match,
  };
  return { apiVersion, kind: "AcceleratorClass", metadata: { name }, spec };
}

function poolOf(site: string, acceleratorClass: string, stage: StageName) {
  return {
    apiVersion,
    kind: "StagePool",
    metadata: { name: `${site}-${acceleratorClass}`, namespace },
    spec: {
      members: [{ stage, backend: "stub" }],
      acceleratorClass,
      site,
      share: acceleratorClass === "cpu" ? { cpuMillicores: 500 } : { whole: true },
      minReplicas: 0,
      maxReplicas: 4,
      template: { image: "troupe:measured" },
    },
  };
}

/** Runs the work for each item, so many at a time. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
