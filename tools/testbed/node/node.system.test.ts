import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { platformImage, startControlPlane, startNode, testbedEnvironment } from "@troupe/testbed";
import { expect, it } from "vitest";

const { signal } = new AbortController();

/** What a machine keeps of nodes: all that close() has to take away. */
function tracesOf(): Record<string, unknown> {
  const groups = readdirSync("/sys/fs/cgroup", { recursive: false, encoding: "utf8" });
  return {
    processes: execFileSync("ps", ["-eo", "comm="], { encoding: "utf8" })
      .split("\n")
      .filter((name) => /^(containerd|kubelet|kube|coredns|runc)/.test(name)),
    interfaces: readdirSync("/sys/class/net").sort(),
    namespaces: existsSync("/run/netns") ? readdirSync("/run/netns") : [],
    mounts: readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes("troupe-testbed")),
    cgroups: groups
      .flatMap((name) => readdirSync(`/sys/fs/cgroup/${name}`))
      .filter((name) => name.startsWith(`troupe-testbed-${process.pid}`)),
    sysctls: ["vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"].map((name) =>
      readFileSync(`/proc/sys/${name}`, "utf8").trim(),
    ),
  };
}

const server = "require('http').createServer((q, r) => r.end(process.env.HOSTNAME)).listen(8080)";
const client = "fetch('http://web.default.svc.cluster.local').then(r => r.text()).then(console.log)";

function pod(name: string, node: string, script: string): object {
  const container = {
    name: "node",
    image: "localhost/troupe:dev",
    imagePullPolicy: "Never",
    args: ["-e", script],
    securityContext: {
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  const spec = { nodeName: node, restartPolicy: "Never", terminationGracePeriodSeconds: 0, containers: [container] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", labels: { app: name } }, spec };
}

it("two nodes run pods of our image that find each other by name, and leave nothing behind", async () => {
  const before = tracesOf();
  {
    await using controlPlane = await startControlPlane({ nodes: true, signal });
    const image = await platformImage({ cacheDir: testbedEnvironment().cacheDir, signal });
    await using _one = await startNode(controlPlane, { name: "one", images: [image], signal });
    await using _two = await startNode(controlPlane, { name: "two", images: [image], signal });
    await controlPlane.apply([
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "default", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "web", namespace: "default" },
        spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] },
      },
      pod("web", "one", server),
    ]);
    await controlPlane.kubectl("wait", "pod/web", "--for=condition=Ready", "--timeout=30s");
    await controlPlane.kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=30s");
    await controlPlane.apply([pod("visitor", "two", client)]);
    await controlPlane.kubectl("wait", "pod/visitor", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=30s");
    expect(await controlPlane.kubectl("logs", "visitor")).toBe("web\n");
    const address = await controlPlane.kubectl("get", "pod", "web", "-o", "jsonpath={.status.podIP}");
    expect(await textOf(`http://${address}:8080`)).toBe("web");
  }
  expect(tracesOf()).toEqual(before);
});

function textOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => resolve(text(response))).once("error", reject);
  });
}
