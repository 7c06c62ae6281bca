import {
  type AcceleratorClass,
  annotations,
  labels,
  type Model,
  managedBy,
  type Site,
  type StagePool,
  type StagePoolMember,
} from "@troupe/kinds";
import type { Applied, Pod } from "../kube/index.ts";
import { deviceOf } from "./device.ts";
import { containersOf } from "./pod-containers.ts";
import { environmentOf } from "./pod-environment.ts";

/** What a pod of a pool is made from. */
export interface PodPlan {
  readonly pool: StagePool;
  readonly name: string;
  readonly revision: string;
  readonly site: Site | undefined;
  readonly acceleratorClass: AcceleratorClass | undefined;
  /** All that there are: what needs no device keeps away from the nodes that have one. */
  readonly classes: readonly AcceleratorClass[];
  /** The models that a member names, as far as they exist. */
  readonly modelsOf: (member: StagePoolMember) => readonly Model[];
}

/** Models of a stage whatever it serves: recognition listens for voices before words. */
const alwaysPulled: Readonly<Partial<Record<StagePoolMember["stage"], readonly string[]>>> = { asr: ["default-vad"] };

const user = 65_532;

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
} as const;

/** Labels of a pool's pods, and of nothing else. */
export const selectorOf = (pool: StagePool): Readonly<Record<string, string>> => ({ [labels.pool]: pool.metadata.name });

/**
 * A pod: the containers of the pack's stages, with the models pulled before they start. It passes the restricted pod security
 * standard. Readiness asks for the server alone, so that a pod that drains stays ready and protected until its last session has left;
 * whether it takes sessions is told by the named health entry and the announcements.
 */
export function podOf(plan: PodPlan): Applied<Pod> {
  const { pool, name, revision, site, acceleratorClass } = plan;
  const { template, members, share } = pool.spec;
  const device = deviceOf(share, acceleratorClass);
  const volumeMounts = [
    { name: "models", mountPath: "/models" },
    { name: "tmp", mountPath: "/tmp" },
  ];
  const from = { image: template.image, imagePullPolicy: template.imagePullPolicy, volumeMounts, securityContext: restricted };
  const pulled = members.flatMap((member) => [...(alwaysPulled[member.stage] ?? []), ...manifestsOf(plan, member)]);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: pool.metadata.namespace ?? "default",
      labels: {
        ...selectorOf(pool),
        [labels.stage]: members[0]?.stage ?? "",
        [labels.revision]: revision,
        [labels.site]: pool.spec.site,
        [labels.acceleratorClass]: pool.spec.acceleratorClass,
        [labels.managedBy]: managedBy,
        "app.kubernetes.io/name": "troupe",
        "app.kubernetes.io/component": members.map(({ stage }) => stage).join("-"),
      },
      ownerReferences: [ownerOf(pool)],
    },
    spec: {
      restartPolicy: "Always",
      terminationGracePeriodSeconds: template.terminationGracePeriodSeconds,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: "RuntimeDefault" },
      },
      nodeSelector: { ...site?.spec.nodeSelector, ...acceleratorClass?.spec.match?.nodeLabels, ...template.nodeSelector },
      tolerations: [...template.tolerations],
      affinity: { ...apartFrom(pool), ...awayFromDevices(plan) },
      imagePullSecrets: [...template.imagePullSecrets],
      ...(template.serviceAccountName && { serviceAccountName: template.serviceAccountName }),
      ...(template.runtimeClassName && { runtimeClassName: template.runtimeClassName }),
      ...(template.priorityClassName && { priorityClassName: template.priorityClassName }),
      ...(device.deviceClassName && { resourceClaims: [{ name: "device", resourceClaimTemplateName: pool.metadata.name }] }),
      volumes: [modelVolume(template.cache), { name: "tmp", emptyDir: {} }],
      initContainers:
        pulled.length > 0 && template.cache.claimName === undefined
          ? [{ ...from, name: "models", args: ["models", "pull", ...pulled], env: environmentOf(plan, [], undefined) }]
          : [],
      containers: containersOf(plan, device, from),
    },
  };
}

/** Manifest ids of a member's models. */
export const manifestsOf = ({ modelsOf }: PodPlan, member: StagePoolMember): readonly string[] =>
  modelsOf(member).map((model) => model.spec.manifest.id);

export const ownerOf = (pool: StagePool) => ({
  apiVersion: pool.apiVersion,
  kind: pool.kind,
  name: pool.metadata.name,
  uid: pool.metadata.uid ?? "",
  controller: true,
  blockOwnerDeletion: true,
});

/** The annotation that makes a pod a victim: why, and since when. It outlives the operator. */
export const drainingAnnotation = (reason: string, utcNowMs: number) => ({
  [annotations.draining]: `${reason} ${new Date(utcNowMs).toISOString()}`,
});

/** The names of containers hold a pack together; replicas of one pool spread over nodes where they can. */
const apartFrom = (pool: StagePool) => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 50, podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: selectorOf(pool) } } },
    ],
  },
});

/** Labels by which nodes differ that have nothing to do with devices. */
const placeLabels = /^(topology\.)?kubernetes\.io\//;

/**
 * A pool that takes processors alone prefers nodes without devices: the planner reserves the processors beside a device for what the
 * device will serve, which the scheduler does not know. A preference: a cluster that has no other nodes is used all the same. Classes
 * whose nodes no label tells, and labels that classes of processors have too, say nothing.
 */
function awayFromDevices({ pool, classes }: PodPlan): { readonly nodeAffinity?: object } {
  if (pool.spec.share.cpuMillicores === undefined) return {};
  const labelsOf = (some: readonly AcceleratorClass[]) =>
    some.flatMap(({ spec }) => Object.entries(spec.match?.nodeLabels ?? {})).map((label) => [label.join("="), label] as const);
  const ofDevices = new Map(labelsOf(classes.filter(({ spec }) => spec.kind !== "cpu")));
  for (const [name] of labelsOf(classes.filter(({ spec }) => spec.kind === "cpu"))) ofDevices.delete(name);
  const labelled = [...ofDevices.values()].filter(([key]) => !placeLabels.test(key));
  if (labelled.length === 0) return {};
  const weight = Math.max(1, Math.floor(100 / labelled.length));
  const preferences = labelled.map(([key, value]) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: "NotIn", values: [value] }] },
  }));
  return { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferences } };
}

const modelVolume = ({ claimName, emptyDirSizeMebibytes }: StagePool["spec"]["template"]["cache"]) =>
  claimName === undefined
    ? { name: "models", emptyDir: emptyDirSizeMebibytes === undefined ? {} : { sizeLimit: `${emptyDirSizeMebibytes}Mi` } }
    : { name: "models", persistentVolumeClaim: { claimName, readOnly: true } };
