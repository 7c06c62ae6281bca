import { systemNamespace } from "@troupe/kinds";
import { platformConfig } from "@troupe/service";
import { z } from "zod";

export const operatorConfig = platformConfig.extend({
  role: z.enum(["hub", "site", "both"]).default("both").describe("hub plans for all sites, site runs one; both where there is one cluster"),
  hubDomain: z.string().default("").describe("JetStream domain of the hub's NATS, for the role site; empty: that of natsUrl"),
  namespace: z.string().default(systemNamespace).describe("namespace of the platform: StagePools, pods, the lease"),
  kubeconfig: z.string().default("").describe("kubeconfig file; empty: KUBECONFIG, ~/.kube/config, or the pod's service account"),
  healthPort: z.coerce.number().int().min(0).max(65535).default(0).describe("port of /healthz and /readyz; 0: any free one"),
  lease: z.string().default("troupe-operator").describe("name of the Lease that decides which operator works"),
  leaseSeconds: z.coerce.number().int().min(3).max(300).default(15).describe("after so long without renewal another operator takes over"),
  drainTaints: z.string().default("").describe("keys of taints that empty a node, separated by commas, such as that of a spot preemption"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  avatarDir: z.string().default("models/avatars").describe("folder of the avatars"),
  poolTemplates: z.string().default("").describe("JSON file with the pod template of each stage's pools; the planner copies it"),
});
export type OperatorConfig = z.infer<typeof operatorConfig>;
