import { z } from "zod";

const quantities = z.record(z.string(), z.union([z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/), z.number().min(0)]));
const resources = z.strictObject({ requests: quantities.optional(), limits: quantities.optional() });
const nodeSelector = z.record(z.string(), z.string()).describe("labels of nodes");
const tolerations = z.array(z.looseObject({ operator: z.enum(["Exists", "Equal"]).optional() })).describe("taints that its Pods bear");
const podEnv = z
  .array(z.strictObject({ name: z.string().min(1), value: z.string().optional(), valueFrom: z.looseObject({}).optional() }))
  .describe("further variables, as in a container");
const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const secretName = z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/);
const seconds = (most: number) => z.int().min(1).max(most);
const image = z.strictObject({
  repository: z.string().min(1).describe("image without its registry"),
  tag: z.string().describe("its tag; of our image, empty for the chart's version"),
  digest: z
    .string()
    .regex(/^(sha256:[0-9a-f]{64})?$/)
    .describe("its digest, in place of the tag"),
  pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).describe("when it is pulled"),
});
const cidrs = z.array(z.string().regex(/^[0-9a-fA-F.:]+\/[0-9]{1,3}$/));
const kindSpecs = (what: string) =>
  z.record(z.string(), z.looseObject({})).describe(`${what} by name, each with its spec (docs/reference/kinds.md)`);

/** Values of the chart: the source of values.schema.json and of the README's table. */
export const chartValues = z.strictObject({
  global: z.looseObject({}).optional().describe("of charts that hold this one"),
  nameOverride: z.string().max(40).describe("first part of the names of objects, in place of troupe"),
  imageRegistry: z
    .string()
    .regex(/^(\S+\/)?$/)
    .describe("prefix of every image, with its slash"),
  imagePullSecrets: z.array(z.strictObject({ name: z.string().min(1) })).describe("Secrets with the registry's credentials"),
  image,
  role: z.enum(["hub", "site", "both"]).describe("hub plans for sites, site runs plans, both is one cluster alone"),
  site: dnsLabel.max(40).describe("the site that this cluster is; one of sites"),
  hubDomain: z
    .string()
    .regex(/^([A-Za-z0-9_-]+)?$/)
    .describe("JetStream domain of the hub, for role site"),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).describe("what processes log"),
  otlpUrl: z
    .string()
    .regex(/^(https?:\/\/\S+)?$/)
    .describe("OTLP/HTTP traces endpoint; empty: no traces"),
  crds: z.strictObject({
    enabled: z.boolean().describe("whether the chart installs the kinds"),
    keep: z.boolean().describe("whether they, and so all of their objects, survive the chart"),
  }),
  grantKey: z.strictObject({
    existingSecret: secretName.describe("Secret with the key that the platform's services share; empty: one is made, and kept"),
    key: z.string().min(1).describe("its key; at least 32 characters of value"),
  }),
  models: z.strictObject({
    claimName: secretName.describe("PersistentVolumeClaim with the models; empty: every Pod fetches its own"),
    mirror: z
      .string()
      .regex(/^((https?|oci):\/\/\S+[ ,]*)*$/)
      .describe("where Pods fetch models: https://host/blobs, oci://host/repository, separated by spaces"),
    cacheMebibytes: z.int().min(64).max(16_777_216).describe("size of a Pod's own models, in MiB"),
  }),
  nats: z.strictObject({
    enabled: z.boolean().describe("whether the chart runs NATS"),
    url: z
      .string()
      .regex(/^((nats|tls):\/\/\S+)?$/)
      .describe("NATS that runs elsewhere, with enabled: false"),
    image,
    replicas: z.union([z.literal(1), z.literal(3)]).describe("servers: 1, or 3 that lose none of their records when one is gone"),
    storage: z.strictObject({
      className: secretName.describe("StorageClass of its volumes; empty: the cluster's usual one"),
      sizeGibibytes: z.int().min(1).max(10_000).describe("size of each, in GiB"),
    }),
    memoryStoreMebibytes: z.int().min(16).max(65_536).describe("records kept in memory, in MiB"),
    domain: z
      .string()
      .regex(/^([A-Za-z0-9_-]+)?$/)
      .describe("JetStream domain; empty: the site's name"),
    leaf: z.strictObject({
      listen: z.boolean().describe("whether other sites' servers connect here, on port 7422"),
      remotes: z
        .array(z.strictObject({ url: z.string().min(1), credentialsSecret: secretName.optional() }))
        .describe("servers of the hub: url, and a Secret with leaf.creds"),
    }),
    resources,
    nodeSelector,
    tolerations,
  }),
  operator: z.strictObject({
    enabled: z.boolean().describe("whether it is installed"),
    replicas: z.int().min(0).max(5).describe("Pods, of which one leads"),
    drainTaints: z.array(z.string().min(1)).describe("keys of taints that empty a node, such as that of a spot preemption"),
    resources,
    extraEnv: podEnv,
    nodeSelector,
    tolerations,
  }),
  gateway: z.strictObject({
    enabled: z.boolean().describe("whether it is installed"),
    replicas: z.int().min(0).max(1000).describe("Pods"),
    maxSessions: z.int().min(1).max(10_000).describe("sessions of one Pod at most"),
    drainSeconds: seconds(3600).describe("how long a Pod that ends waits for its sessions, which then go on at another"),
    http: z.strictObject({
      keysSecret: secretName.describe(
        "Secret with keys.json, as `troupe key` writes it; empty: only the Pod itself is served (port-forward)",
      ),
      tlsSecret: secretName.describe("Secret of type kubernetes.io/tls; empty: no TLS at the Pod"),
      allowedOrigins: z.array(z.string()).describe("origins of pages that may call with any key"),
      trustedProxies: z.array(z.string()).describe("addresses or networks of proxies whose X-Forwarded-For is believed"),
    }),
    rtc: z.strictObject({
      iceServersSecret: secretName.describe("Secret whose key ice-servers holds STUN and TURN servers, as JSON of RTCConfiguration"),
      ports: z
        .string()
        .regex(/^([0-9]{1,5}-[0-9]{1,5})?$/)
        .describe("UDP ports of media, such as 40000-40999; empty: any"),
      publicAddress: z
        .string()
        .regex(/^([0-9]{1,3}(\.[0-9]{1,3}){3})?$/)
        .describe("IPv4 address under which clients reach the Pods (1:1 NAT)"),
    }),
    service: z.strictObject({
      type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]).describe("type of the Service for HTTP and gRPC"),
      annotations: z.record(z.string(), z.string()).describe("its annotations"),
    }),
    resources,
    extraEnv: podEnv,
    nodeSelector,
    tolerations,
    sites: z
      .record(
        dnsLabel.max(40),
        z.strictObject({
          replicas: z.int().min(0).max(1000).optional(),
          nodeSelector: nodeSelector.optional(),
          tolerations: tolerations.optional(),
        }),
      )
      .describe(
        "sites of this cluster with gateways of their own, each with what differs: replicas, nodeSelector (default: the site's), tolerations",
      ),
  }),
  pools: z.strictObject({
    resources,
    extraEnv: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          value: z.string().optional(),
          secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }).optional(),
        }),
      )
      .describe("further variables of stages, as in a StagePool"),
    nodeSelector,
    tolerations,
    runtimeClassName: secretName.describe("RuntimeClass of their Pods"),
    priorityClassName: secretName.describe("PriorityClass of their Pods"),
    startupSeconds: seconds(7200).describe("how long loading models may take"),
    terminationGracePeriodSeconds: z.int().min(15).max(86_400).describe("the longest response and 15 seconds"),
  }),
  acceleratorClasses: kindSpecs("AcceleratorClasses"),
  sites: kindSpecs("Sites"),
  tenants: kindSpecs("Tenants"),
  defaultModels: z.strictObject({
    enabled: z.boolean().describe("whether the chart's Models are made"),
    only: z.array(z.string()).describe("ids of those; empty: all"),
    cpuMillicores: z.int().min(50).max(64_000).describe("processor that each has on the class cpu, in thousandths of a core"),
  }),
  defaultPipeline: z.strictObject({
    enabled: z.boolean().describe("whether a Pipeline of these Models is made"),
    name: dnsLabel.max(40).describe("its name"),
    objectiveMilliseconds: z.int().min(100).max(60_000).describe("from the end of what is said to the first sound of the answer"),
  }),
  networkPolicies: z.strictObject({
    enabled: z.boolean().describe("whether Pods reach only what they need"),
    dns: z.strictObject({
      namespace: dnsLabel.describe("where the cluster's DNS is"),
      ports: z.array(z.int().min(1).max(65_535)).min(1).describe("its ports"),
    }),
    monitoringNamespace: z.union([z.literal(""), dnsLabel]).describe("namespace that may read metrics; empty: none"),
    apiServerPorts: z.array(z.int().min(1).max(65_535)).min(1).describe("ports of the API server"),
    clientNetworks: cidrs.describe("networks from which gateways are reached; empty: any"),
    egress: cidrs.describe("networks with outside servers; empty: any, on 443 only"),
  }),
  podMonitor: z.strictObject({
    enabled: z.boolean().describe("whether a PodMonitor (Prometheus operator) is made"),
    labels: z.record(z.string(), z.string()).describe("labels by which Prometheus finds it"),
    intervalSeconds: seconds(3600).describe("how often metrics are read"),
  }),
  prometheusRule: z.strictObject({
    enabled: z.boolean().describe("whether a PrometheusRule with the alerts is made"),
    labels: z.record(z.string(), z.string()).describe("labels by which Prometheus finds it"),
    runbookBase: z
      .string()
      .regex(/^(https?:\/\/\S+[^/])?$/)
      .describe("address of the runbooks' folder; empty: docs/runbooks of the repository"),
  }),
  dashboards: z.strictObject({
    enabled: z.boolean().describe("whether ConfigMaps with Grafana's dashboards are made"),
    labels: z.record(z.string(), z.string()).describe("labels by which Grafana's sidecar finds them"),
  }),
});
