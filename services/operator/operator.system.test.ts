import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kinds } from "@troupe/kinds";
import { type NatsServer, startNatsServer } from "@troupe/testkit";
import { systemClock } from "@troupe/timeline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtInKinds, createInformer, createKubeApi, type Informer, type KubeApi, type Lease } from "./kube/index.ts";
import { installKinds, quiet, startTestCluster, type TestCluster } from "./kube/testing/cluster.ts";
import { tenantObject } from "./testing/objects.ts";
import { sees } from "./testing/running-operator.ts";

// Budget: 45 s, of which the control plane's start is 8 s. The operator as a process, with a real NATS server.
const root = join(import.meta.dirname, "../..");
const namespace = "troupe-system";
let cluster: TestCluster;
let nats: NatsServer;
let api: KubeApi & AsyncDisposable;
let leases: Informer<Lease>;
let folder: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  [cluster, nats, folder] = await Promise.all([startTestCluster(), startNatsServer(), mkdtemp(join(tmpdir(), "troupe-operator-"))]);
  await installKinds(cluster);
  await cluster.kubectl("create", "namespace", namespace);
  api = await createKubeApi({ kubeconfig: cluster.kubeconfig });
});
beforeEach(() => {
  leases = createInformer({ api, clock: systemClock, logger: quiet }, builtInKinds.leases, { namespace });
});
afterEach(async () => {
  await leases[Symbol.asyncDispose]();
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await nats?.[Symbol.asyncDispose]();
  await cluster?.close();
  await rm(folder, { recursive: true, force: true });
});

interface OperatorProcess {
  readonly child: ChildProcess;
  /** What it logged, a line an entry. */
  readonly lines: readonly string[];
  readonly exited: Promise<number | null>;
}

/** @param lease each test has its own, so that none waits for the last one's */
function start(replica: string, lease: string): OperatorProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env["PATH"],
      TROUPE_KUBECONFIG: cluster.kubeconfig,
      TROUPE_NATS_URL: nats.url,
      TROUPE_GRANT_KEY: "-".repeat(32),
      TROUPE_NAMESPACE: namespace,
      TROUPE_REPLICA: replica,
      TROUPE_LEASE: lease,
      TROUPE_LEASE_SECONDS: "3",
      TROUPE_PORT_FILE: join(folder, replica),
    },
  });
  running.add(child);
  const lines: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => lines.push(...text.split("\n").filter(Boolean)));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  return { child, lines, exited };
}

const holder = (lease: string) => leases.get({ namespace, name: lease })?.spec?.holderIdentity;
const leads = (lease: string, replica: string) => sees(leases, () => holder(lease) === replica || undefined);

async function page(replica: string, path: string): Promise<{ status: number; text: string }> {
  const ports = JSON.parse(await readFile(join(folder, replica), "utf8"));
  const answer = await fetch(`http://127.0.0.1:${path === "/metrics" ? ports.metrics : ports.health}${path}`);
  return { status: answer.status, text: await answer.text() };
}

async function accepts(name: string): Promise<void> {
  await using tenants = createInformer({ api, clock: systemClock, logger: quiet }, kinds.tenants);
  const { metadata, spec } = tenantObject(name, { namespaces: [] });
  await api.create(kinds.tenants, { metadata: { name: metadata.name }, spec }, "person");
  await sees(
    tenants,
    () => tenants.get({ name })?.status?.conditions?.some(({ type, status }) => type === "Accepted" && status === "True") || undefined,
  );
}

describe("the operator as a process", () => {
  it("works while it leads, tells how it is, and gives the lease back on SIGTERM", async () => {
    const { child, exited } = start("alone", "alone");
    await leads("alone", "alone");
    await accepts("tenant-alone");
    expect(await page("alone", "/healthz")).toMatchObject({ status: 200 });
    expect(await page("alone", "/readyz")).toMatchObject({ status: 200 });
    const { text } = await page("alone", "/metrics");
    expect(text).toMatch(/^troupe_operator_leader 1$/m);
    expect(text).toMatch(/^troupe_operator_reconcile_seconds_count\{controller="tenant",result="ok"\} [1-9]/m);
    expect(text).toMatch(/^troupe_operator_informer_objects\{kind="Tenant"\} 1$/m);
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    await sees(leases, () => holder("alone") === "" || undefined);
  });

  it("hands over to the one that waits: at once on SIGTERM, after the lease's time on SIGKILL", async () => {
    const first = start("first", "shared");
    await leads("shared", "first");
    const second = start("second", "shared");
    await accepts("tenant-first");
    const third = start("third", "shared");
    first.child.kill("SIGTERM");
    const heir = await sees(leases, () => ["second", "third"].find((one) => holder("shared") === one));
    expect(await first.exited).toBe(0);
    await accepts("tenant-heir");
    (heir === "second" ? second : third).child.kill("SIGKILL");
    await leads("shared", heir === "second" ? "third" : "second");
    await accepts("tenant-last");
  });

  it("goes on where it was when the API server comes back", async () => {
    const { lines, child } = start("steady", "steady");
    await leads("steady", "steady");
    await cluster.restartApiServer();
    await accepts("tenant-after");
    expect(child.exitCode).toBeNull();
    expect(lines.filter((line) => line.includes('"reason":"INTERNAL"'))).toEqual([]);
  });

  it("says what is missing and ends when there is no NATS server", async () => {
    await nats.stop();
    const { lines, exited } = start("lonely", "lonely");
    expect(await exited).toBe(1);
    expect(lines.join("\n")).toContain("BUS_DISCONNECTED");
    await nats.start();
  });
});
