import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { programPath, testbedEnvironment } from "@troupe/testbed";
import { parseAllDocuments } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds, judged by the API server
export type Manifest = any;

export const chart = join(import.meta.dirname, "../troupe");
export const profiles = ["single-node", "cloud-edge", "edge", "air-gapped"] as const;
export const namespace = "troupe-system";

export interface Helm {
  /** @returns what it printed @throws Error with what it complained about */
  run(...args: readonly string[]): Promise<string>;
  /** The manifests of the chart, hooks included. @param args such as `--set a=b` */
  template(...args: readonly string[]): Promise<readonly Manifest[]>;
}

/** @param folder of its own settings and caches @param kubeconfig absent: for what needs no cluster */
export async function createHelm(folder: string, kubeconfig = "/dev/null"): Promise<Helm> {
  const signal = AbortSignal.timeout(600_000);
  const helm = await programPath("helm", { ...testbedEnvironment(), signal, log: () => undefined });
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: join(folder, "cache"),
    HELM_CONFIG_HOME: join(folder, "config"),
    HELM_DATA_HOME: join(folder, "data"),
  };
  const execute = promisify(execFile);
  async function run(...args: readonly string[]): Promise<string> {
    return (await execute(helm, [...args], { env, maxBuffer: 1 << 26 })).stdout;
  }
  async function template(...args: readonly string[]): Promise<readonly Manifest[]> {
    const text = await run("template", "troupe", chart, "--namespace", namespace, "--kube-version", "1.35.4", ...args);
    return parseAllDocuments(text).flatMap((document) => {
      if ("errors" in document && document.errors.length > 0) throw document.errors[0];
      const object = document.toJS() as Manifest;
      return object === null ? [] : [object];
    });
  }
  return { run, template };
}

export const valuesOf = (profile: string): readonly string[] => ["--values", join(chart, `values-${profile}.yaml`)];

export const ofKind = (objects: readonly Manifest[], ...kinds: readonly string[]): readonly Manifest[] =>
  objects.filter(({ kind }) => kinds.includes(kind));

/** Every Pod that the objects lead to, as the API server would be asked for it. */
export const podsOf = (objects: readonly Manifest[]): readonly Manifest[] =>
  ofKind(objects, "Deployment", "StatefulSet").map(({ metadata, spec }) => {
    const claims = (spec.volumeClaimTemplates ?? []).map((claim: Manifest) => ({
      name: claim.metadata.name,
      persistentVolumeClaim: { claimName: `${claim.metadata.name}-${metadata.name}-0` },
    }));
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...spec.template.metadata, name: `${metadata.name}-0`, namespace },
      spec: { ...spec.template.spec, volumes: [...spec.template.spec.volumes, ...claims] },
    };
  });

export const containersOf = (pod: Manifest): readonly Manifest[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
