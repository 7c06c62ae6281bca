import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { get } from "node:http";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { type PlatformImage, platformImage, startControlPlane, startModelMirror, startNode, testbedEnvironment } from "@troupe/testbed";
import { beforeAll, expect, it } from "vitest";

const { signal } = new AbortController();

/** Every process that the state folder is named to, and all that share a process namespace with one of them: those of its nodes. */
function processesOf(stateFolder: string): readonly string[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const read = (pid: string, what: "cmdline" | "pid") => {
    try {
      return what === "pid" ? readlinkSync(`/proc/${pid}/ns/pid`) : readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  };
  const own = readlinkSync("/proc/self/ns/pid");
  const named = all.filter((pid) => read(pid, "cmdline").includes(stateFolder));
  const namespaces = new Set(named.map((pid) => read(pid, "pid")).filter((namespace) => namespace && namespace !== own));
  return all.filter((pid) => named.includes(pid) || namespaces.has(read(pid, "pid")));
}

/** What else of nodes could stay on a machine; several test beds may run on it. */
function tracesOf(stateFolder: string, mac: string | undefined): object {
  const hierarchies = readdirSync("/sys/fs/cgroup");
  return {
    state: existsSync(stateFolder),
    interface: Object.values(networkInterfaces()).some((addresses) => addresses?.some((address) => address.mac === mac)),
    mounts: readFileSync("/proc/self/mounts", "utf8").includes(stateFolder),
    cgroups: hierarchies
      .flatMap((name) => readdirSync(`/sys/fs/cgroup/${name}`))
      .filter((name) => name.startsWith(`troupe-testbed-${process.pid}`)),
  };
}

const nothing = { state: false, interface: false, mounts: false, cgroups: [] };

function sysctls(): readonly string[] {
  return ["vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"].map((name) => readFileSync(`/proc/sys/${name}`, "utf8").trim());
}

const server = "require('http').createServer((q, r) => r.end(process.env.HOSTNAME)).listen(8080)";
const client = `fetch('http://web.default.svc.cluster.local').then(r => r.text()).then(text =>
  console.log(text, require('fs').readdirSync('/var/cache/troupe/models').join()))`;
/** What was made ready for a quick start: how much compiled code this user's Node finds, and the gateway's page. */
const ready = `const fs = require('fs');
  console.log(fs.readdirSync(require('module').getCompileCacheDir()).length, fs.existsSync('services/gateway/page/page.json'))`;

function container(name: string, run: { readonly args: readonly string[]; readonly command?: readonly string[] }): object {
  return {
    ...run,
    name,
    image: "localhost/troupe:dev",
    imagePullPolicy: "Never",
    volumeMounts: [{ name: "models", mountPath: "/var/cache/troupe" }],
    securityContext: {
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

function pod(name: string, nodeName: string, script: string, pull: readonly string[]): object {
  const spec = {
    nodeName,
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 0,
    volumes: [{ name: "models", emptyDir: {} }],
    initContainers: [container("models", { args: ["models", "pull", ...pull] })],
    containers: [container("node", { command: ["/usr/local/bin/node"], args: ["-e", script] })],
  };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", labels: { app: name } }, spec };
}

let image: PlatformImage;

// Where nobody ran `make images` before, it is built here.
beforeAll(async () => {
  image = await platformImage({ cacheDir: testbedEnvironment().cacheDir, signal });
}, 300_000);

it("two nodes run pods of our image that fetch models and find each other by name, and leave nothing behind", async () => {
  const before = sysctls();
  const controlPlane = await startControlPlane({ nodes: true, signal });
  const { stateFolder, lan } = controlPlane;
  const mac = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ address }) => address === lan?.hostAddress)?.mac;
  let processes: readonly string[] = [];
  {
    await using _controlPlane = controlPlane;
    await using _one = await startNode(controlPlane, { name: "one", images: [image], signal });
    await using _two = await startNode(controlPlane, { name: "two", images: [image], signal });
    await using mirror = await startModelMirror(controlPlane);
    const pull = ["silero-vad", "--mirror", mirror.url];
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
      pod("web", "one", server, pull),
    ]);
    await controlPlane.kubectl("wait", "pod/web", "--for=condition=Ready", "--timeout=30s");
    await controlPlane.kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=30s");
    await controlPlane.apply([pod("visitor", "two", client, pull), pod("starter", "two", ready, pull)]);
    await controlPlane.kubectl("wait", "pod/visitor", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=30s");
    expect(await controlPlane.kubectl("logs", "visitor")).toBe("web silero-vad\n");
    await controlPlane.kubectl("wait", "pod/starter", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=30s");
    expect(await controlPlane.kubectl("logs", "starter")).toMatch(/^\d{4} true\n$/);
    const address = await controlPlane.kubectl("get", "pod", "web", "-o", "jsonpath={.status.podIP}");
    expect(await textOf(`http://${address}:8080`)).toBe("web");
    processes = processesOf(stateFolder);
    // Four of the control plane; of each node containerd, kubelet, kube-proxy and its pods' shims.
    expect(processes.length).toBeGreaterThan(12);
    expect(tracesOf(stateFolder, mac)).toMatchObject({
      state: true,
      interface: true,
      cgroups: expect.arrayContaining([expect.any(String)]),
    });
  }
  expect(processes.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  expect(tracesOf(stateFolder, mac)).toEqual(nothing);
  expect(sysctls()).toEqual(before);
});

function textOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => resolve(text(response))).once("error", reject);
  });
}
