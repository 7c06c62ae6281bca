import { startControlPlane, startKwok } from "@troupe/testbed";
import { expect, it } from "vitest";

const { signal } = new AbortController();

it("fifty fake nodes run the pods that fit their accelerators, and no more", async () => {
  await using controlPlane = await startControlPlane({ signal });
  await using kwok = await startKwok(controlPlane, { signal });
  const names = await kwok.addFakeNodes(50, { prefix: "gpu", capacity: { "nvidia.com/gpu": "2" }, labels: { pool: "large" } }, signal);
  expect(names).toHaveLength(50);

  const container = { name: "c", image: "none", resources: { limits: { "nvidia.com/gpu": "1" } } };
  const template = { metadata: { labels: { app: "g" } }, spec: { nodeSelector: { pool: "large" }, containers: [container] } };
  const spec = { replicas: 101, selector: { matchLabels: { app: "g" } }, template };
  await controlPlane.apply([{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "g", namespace: "default" }, spec }]);
  await controlPlane.kubectl("wait", "deployment/g", "--for=jsonpath={.status.readyReplicas}=100", "--timeout=30s");
  const pending = await controlPlane.kubectl("get", "pods", "--field-selector=status.phase=Pending", "-o", "name");
  expect(pending.trim().split("\n")).toHaveLength(1);
});
