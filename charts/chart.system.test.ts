import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ControlPlane, programPath, startControlPlane, testbedEnvironment } from "@troupe/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  chart,
  containersOf,
  createHelm,
  type Helm,
  type Manifest,
  namespace,
  ofKind,
  podsOf,
  profiles,
  valuesOf,
} from "./testing/helm.ts";

// Budget: a control plane of 640 MB, about 30 s. Nothing runs as a Pod here.

const everything = [
  ...["gateway.http.keysSecret=keys", "gateway.http.tlsSecret=tls", "gateway.rtc.iceServersSecret=ice", "gateway.rtc.ports=40000-40999"],
  ...[
    "podMonitor.enabled=true",
    "prometheusRule.enabled=true",
    "dashboards.enabled=true",
    "models.claimName=models",
    "imagePullSecrets[0].name=pull",
    "pools.runtimeClassName=nvidia",
  ],
  ...["networkPolicies.egress[0]=10.0.0.0/8", "networkPolicies.clientNetworks[0]=192.0.2.0/24", "grantKey.existingSecret=own"],
  ...["tenants.acme.quotas[0].pipeline=troupe-system/default", "tenants.acme.quotas[0].limit=5"],
  ...["sites.hall.tier=edge", "sites.hall.nodeSelector.room=hall", "gateway.sites.hall.replicas=1", "gateway.nodeSelector.disk=ssd"],
].flatMap((setting) => ["--set", setting]);
const settings: readonly (readonly [string, readonly string[]])[] = [
  ["no profile", []],
  ...profiles.map((profile) => [profile, valuesOf(profile)] as const),
  ["every option", everything],
  ["NATS elsewhere", ["--set", "nats.enabled=false", "--set", "nats.url=nats://nats.example.org:4222"]],
];

const runbooks = join(chart, "../../docs/runbooks");
const commands = readdirSync(runbooks).flatMap((page) =>
  [...readFileSync(join(runbooks, page), "utf8").matchAll(/^```sh\n([^`]*)```$/gmu)].flatMap(([, block]) =>
    (block ?? "")
      .trim()
      .split("\n")
      .map((command) => [page, command] as const),
  ),
);

let folder: string;
let helm: Helm;
let cluster: ControlPlane;
let rendered: ReadonlyMap<string, readonly Manifest[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-chart-"));
  cluster = await startControlPlane({ signal: AbortSignal.timeout(80_000) });
  helm = await createHelm(folder, cluster.kubeconfig);
  rendered = new Map(await Promise.all(settings.map(async ([name, args]) => [name, await helm.template(...args)] as const)));
  for (const name of [namespace, "other"]) await cluster.kubectl("create", "namespace", name);
  await cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
});

afterAll(async () => {
  await cluster?.close();
  await rm(folder, { recursive: true, force: true });
});

const objectsOf = (name: string) => rendered.get(name) ?? [];

describe("lint", () => {
  it.each(settings)("finds nothing wrong with %s", async (_, args) => {
    expect(await helm.run("lint", chart, "--strict", "--kube-version", "1.35.4", ...args)).toContain("0 chart(s) failed");
  });
});

describe("values", () => {
  const nonsense: readonly (readonly [string, readonly string[]])[] = [
    ["gateway.replicas=-1", ["/gateway/replicas", "minimum"]],
    ["gateway.replica=3", ["/gateway", "'replica' not allowed"]],
    ["gateway.rtc.ports=many", ["/gateway/rtc/ports", "does not match pattern"]],
    ["role=leader", ["/role", "'hub', 'site', 'both'"]],
    ["nats.replicas=2", ["/nats/replicas"]],
    ["image.digest=latest", ["/image/digest", "does not match pattern"]],
    ["logLevel=loud", ["/logLevel"]],
    ["gateway.drainSeconds=soon", ["/gateway/drainSeconds", "want integer"]],
    ["networkPolicies.egress[0]=everywhere", ["/networkPolicies/egress/0"]],
    ["site=Edge North", ["/site", "does not match pattern"]],
    ["nats.enabled=false", ["nats.url is needed when nats.enabled is false"]],
  ];

  it.each(nonsense)("%s is refused with its place and why", async (setting, parts) => {
    const complaint = await helm.template("--set", setting).then(
      () => "accepted",
      (error: Error) => error.message,
    );
    for (const part of parts) expect(complaint).toContain(part);
  });
});

it("another site of the cluster has gateways of its own, on its nodes, that clients reach likewise", () => {
  const objects = objectsOf("every option");
  const gateways = podsOf(objects).filter(({ spec }) => spec.containers.some(({ name }: Manifest) => name === "gateway"));
  const told = gateways.map(({ metadata: { labels }, spec: { nodeSelector, serviceAccountName, containers } }) => {
    const site = containers[0].env.find(({ name }: Manifest) => name === "TROUPE_SITE").value;
    return { site, label: labels["troupe.dev/site"], component: labels["app.kubernetes.io/component"], nodeSelector, serviceAccountName };
  });
  const serviceAccountName = "troupe-gateway";
  expect(told).toEqual([
    { site: "main", label: "main", component: "gateway", nodeSelector: { disk: "ssd" }, serviceAccountName },
    { site: "hall", label: "hall", component: "gateway-hall", nodeSelector: { disk: "ssd", room: "hall" }, serviceAccountName },
  ]);
  expect(ofKind(objects, "Deployment").map(({ metadata, spec }) => [metadata.name, spec.replicas])).toEqual(
    expect.arrayContaining([
      ["troupe-gateway", 2],
      ["troupe-gateway-hall", 1],
    ]),
  );
  const policy = ofKind(objects, "NetworkPolicy").find(({ metadata }) => metadata.name === "troupe-gateway");
  expect(policy.spec.podSelector.matchExpressions[0].values).toEqual(["gateway", "gateway-hall"]);
});

describe.each(settings.map(([name]) => name))("with %s", (name) => {
  it("every Pod is kept alive and let go by rules of its own", () => {
    for (const pod of podsOf(objectsOf(name))) {
      const settings = new Map<string, string>(
        containersOf(pod).flatMap(({ env }) => (env ?? []).map((one: Manifest) => [one.name, one.value])),
      );
      expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(Number(settings.get("TROUPE_DRAIN_SECONDS") ?? 0));
      for (const container of pod.spec.containers) {
        expect(container, container.name).toMatchObject({ startupProbe: {}, readinessProbe: {}, livenessProbe: {} });
        expect(container.resources.requests).toMatchObject({ cpu: expect.anything(), memory: expect.anything() });
      }
    }
  });

  it("every Service, budget and Deployment selects Pods that there are", () => {
    const pods = podsOf(objectsOf(name));
    for (const { kind, metadata, spec } of ofKind(objectsOf(name), "Service", "PodDisruptionBudget", "Deployment", "StatefulSet")) {
      const selector = Object.entries(kind === "Service" ? spec.selector : spec.selector.matchLabels);
      const selected = pods.filter((pod) => selector.every(([label, value]) => pod.metadata.labels[label] === value));
      expect(selected, `${kind} ${metadata.name}`).toHaveLength(1);
    }
  });

  it("NATS understands its configuration", async () => {
    const config = ofKind(objectsOf(name), "ConfigMap").find(({ data }) => data["nats.conf"]);
    if (!config) return expect(name).toBe("NATS elsewhere");
    const file = join(folder, `${name.replaceAll(" ", "-")}.conf`);
    const text: string = config.data["nats.conf"];
    await writeFile(file, text.replaceAll("/etc/nats-credentials/hub-leaf/leaf.creds", await credentials()));
    const server = await programPath("nats-server", { ...testbedEnvironment(), signal: AbortSignal.timeout(60_000), log: () => undefined });
    const { stderr } = await promisify(execFile)(server, ["-t", "--config", file], { env: { POD_NAME: "troupe-nats-0" } });
    expect(stderr).toContain("configuration file");
    expect(text).toMatch(name === "cloud-edge" ? /troupe-nats-2\.troupe-nats-headless/u : /domain: (main|edge-north)/u);
  });
});

async function credentials(): Promise<string> {
  const file = join(folder, "leaf.creds");
  await writeFile(file, "");
  return file;
}

describe("an API server that enforces restricted pod security", () => {
  const foreignKind = (plural: string, kind: string) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.monitoring.coreos.com` },
    spec: {
      group: "monitoring.coreos.com",
      scope: "Namespaced",
      names: { plural, kind },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  });

  async function dryRun(objects: readonly Manifest[], name: string): Promise<string> {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    return await cluster.kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-n", namespace, "-f", file);
  }

  beforeAll(async () => {
    const kinds = ofKind(objectsOf("no profile"), "CustomResourceDefinition");
    await cluster.apply([...kinds, foreignKind("podmonitors", "PodMonitor"), foreignKind("prometheusrules", "PrometheusRule")]);
    await cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all");
  });

  afterAll(async () => {
    await cluster.kubectl("delete", "crd", "--all", "--wait=true");
  });

  it.each(settings.map(([name]) => name))("takes every object of %s", async (name) => {
    const objects = objectsOf(name);
    const answer = await dryRun(objects, "all");
    expect(answer.trim().split("\n")).toHaveLength(objects.length);
  });

  it.each(settings.map(([name]) => name))("takes every Pod of %s, and the StagePools of its templates", async (name) => {
    const objects = objectsOf(name);
    const templates = ofKind(objects, "ConfigMap").flatMap(({ data }) =>
      data["pool-templates.json"] ? [JSON.parse(data["pool-templates.json"])] : [],
    );
    const pools = templates.flatMap((byStage) =>
      Object.entries(byStage).map(([stage, template]) => ({
        apiVersion: "troupe.dev/v1alpha1",
        kind: "StagePool",
        metadata: { name: `pool-${stage}`, namespace },
        spec: {
          members: [{ stage }],
          acceleratorClass: "cpu",
          site: "main",
          share: { whole: true },
          minReplicas: 0,
          maxReplicas: 1,
          template,
        },
      })),
    );
    expect(pools).toHaveLength(5);
    const pods = podsOf(objects);
    expect(pods.length).toBeGreaterThanOrEqual(2);
    // Their ServiceAccounts are not there in a dry run.
    const bare = pods.map((pod) => ({ ...pod, spec: { ...pod.spec, serviceAccountName: "default" } }));
    expect((await dryRun([...pools, ...bare], "pods")).trim().split("\n")).toHaveLength(pools.length + pods.length);
  });

  it("would refuse a Pod that asks for more", async () => {
    const [pod] = podsOf(objectsOf("no profile"));
    const root = { ...pod, spec: { ...pod.spec, serviceAccountName: "default", securityContext: { runAsUser: 0 } } };
    await expect(dryRun([root], "root")).rejects.toThrow(/violates PodSecurity "restricted/u);
  });
});

describe("a profile", () => {
  it.each([
    ["single-node", ["main"]],
    ["cloud-edge", ["cloud", "edge-north"]],
    ["edge", ["edge-north"]],
    ["air-gapped", ["main"]],
  ] as const)("%s makes only the Sites that it names", (name, sites) => {
    expect(ofKind(objectsOf(name), "Site").map(({ metadata }) => metadata.name)).toEqual(sites);
  });
});

describe("without a way out", () => {
  const listed = async () =>
    JSON.parse(await readFile(join(chart, "air-gapped.json"), "utf8")) as {
      images: string[];
      models: { id: string; manifestSha256: string }[];
    };
  const imagesIn = (objects: readonly Manifest[]) => {
    const template = ofKind(objects, "ConfigMap").flatMap(({ data }) =>
      Object.values(data["pool-templates.json"] ? JSON.parse(data["pool-templates.json"]) : {}),
    );
    return new Set<string>([...podsOf(objects).flatMap(containersOf), ...(template as Manifest[])].map(({ image }) => image));
  };

  it("every image stands in the list, behind the own registry, and the list has no other", async () => {
    expect([...imagesIn(objectsOf("air-gapped"))].sort()).toEqual(
      (await listed()).images.map((image) => `registry.internal.example/${image}`).sort(),
    );
  });

  it("every model stands in the list, with its manifest as it is now", async () => {
    const { models } = await listed();
    const named = ofKind(objectsOf("air-gapped"), "Model").map(({ spec }) => ({
      id: spec.manifest.id,
      manifestSha256: spec.manifest.sha256,
    }));
    expect(named.length).toBeGreaterThanOrEqual(7);
    expect(models.map(({ id, manifestSha256 }) => ({ id, manifestSha256 }))).toEqual(expect.arrayContaining(named));
    expect(models.map(({ id }) => id).filter((id) => !named.some((model) => model.id === id))).toEqual(["silero-vad"]);
  });

  it("nothing is fetched when a Pod starts", () => {
    const objects = objectsOf("air-gapped");
    expect(podsOf(objects).flatMap(({ spec }) => spec.initContainers ?? [])).toEqual([]);
    expect(podsOf(objectsOf("no profile")).flatMap(({ spec }) => spec.initContainers ?? [])).toHaveLength(1);
    const text = JSON.stringify(objects.filter(({ kind }) => kind !== "CustomResourceDefinition"));
    const hosts = [...text.matchAll(/(?:https?|nats|nats-leaf):\/\/([^/:"\\ ]+)/gu)].map(([, host]) => host);
    expect(hosts.length).toBeGreaterThan(0);
    expect(hosts.filter((host) => !host?.endsWith(".troupe-system.svc"))).toEqual([]);
    for (const image of imagesIn(objects)) expect(image).not.toMatch(/:latest$/u);
    expect(text).not.toContain('"imagePullPolicy":"Always"');
  });
});

describe("a release", () => {
  const install = (verb: string, ...args: readonly string[]) => helm.run(verb, "troupe", chart, "--namespace", namespace, ...args);
  const names = async () => (await cluster.kubectl("get", "troupe", "-A", "-o", "name")).trim().split("\n");
  const key = () => cluster.kubectl("get", "secret", "troupe-grant", "-n", namespace, "-o", "jsonpath={.data.grant-key}");

  it("is installed in one step, kinds and their objects at once", async () => {
    expect(await install("install")).toContain("STATUS: deployed");
    // kubectl forgets what it knew of the API.
    await cluster.kubectl("api-resources", "--api-group=troupe.dev");
    const made = await names();
    expect(made).toEqual(
      expect.arrayContaining(["acceleratorclass.troupe.dev/cpu", "site.troupe.dev/main", "pipeline.troupe.dev/default"]),
    );
    expect(made.filter((name) => name.startsWith("model."))).toHaveLength(ofKind(objectsOf("no profile"), "Model").length);
    expect(Buffer.from(await key(), "base64").toString()).toMatch(/^[A-Za-z0-9]{48}$/u);
  });

  it("makes what is missing when it is upgraded, changes nothing that people have, and keeps the key", async () => {
    const before = await key();
    await cluster.kubectl("patch", "site", "main", "--type=merge", "-p", '{"spec":{"priceFactorPercent":70}}');
    await install("upgrade", "--set", "sites.second.tier=edge", "--set", "sites.main.priceFactorPercent=200");
    expect(await cluster.kubectl("get", "site", "main", "-o", "jsonpath={.spec.priceFactorPercent}")).toBe("70");
    expect(await names()).toContain("site.troupe.dev/second");
    expect(await key()).toBe(before);
  });

  it("lets the operator do what it does, and nothing else", async () => {
    const user = `system:serviceaccount:${namespace}:troupe-operator`;
    const may = async (action: string, where: string) => {
      const [verb = "", resource = "", subresource] = action.split(/[ /]/u);
      const part = subresource ? ["--subresource", subresource] : [];
      const answer = await cluster.kubectl("auth", "can-i", verb, resource, ...part, "-n", where, "--as", user).catch(() => "no");
      return answer.startsWith("yes");
    };
    const allowed = [
      "create pods",
      "patch pods",
      "delete pods",
      "patch stagepools/status",
      "patch stagepools/scale",
      "create stagepools",
      "patch models/status",
      "watch tenants",
      "list nodes",
      "watch resourceslices.resource.k8s.io",
      "create resourceclaimtemplates.resource.k8s.io",
      "patch poddisruptionbudgets",
      "update leases",
      "create controllerrevisions",
      "delete controllerrevisions",
    ];
    const forbidden = [
      "get secrets",
      "create pods/eviction",
      "delete leases",
      "get controllerrevisions",
      "create deployments",
      "patch models",
      "delete sites",
      "patch nodes",
      "create pods/exec",
      "create rolebindings",
      "update crd",
      "delete tenants",
    ];
    const elsewhere = ["create pods", "delete pods", "create stagepools", "get secrets", "update leases"];
    const asked = async (actions: readonly string[], where = namespace) => {
      const answers = await Promise.all(actions.map((action) => may(action, where)));
      return actions.filter((_, index) => answers[index]);
    };
    expect(await asked(allowed)).toEqual(allowed);
    expect(await asked(forbidden)).toEqual([]);
    expect(await asked(elsewhere, "other")).toEqual([]);
  });

  it.each(commands)("answers the command of the runbook %s: %s", async (_, command) => {
    const env = { PATH: `${cluster.binFolder}:${process.env.PATH}`, KUBECONFIG: cluster.kubeconfig, HOME: folder };
    await promisify(execFile)("bash", ["-euc", command], { env });
  });

  it("leaves kinds and objects when it is removed, and finds them again", async () => {
    const before = await names();
    await helm.run("uninstall", "troupe", "--namespace", namespace);
    expect(await names()).toEqual(before);
    expect(await install("install")).toContain("STATUS: deployed");
    expect(await names()).toEqual(before);
  });
});
