import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type ControlPlane,
  folderVolume,
  platformImage,
  programImage,
  programPath,
  startControlPlane,
  startModelMirror,
  startNode,
  testbedEnvironment,
} from "@troupe/testbed";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from "vitest";
import { namespace } from "./testing/helm.ts";

// Budget: 240 s; two real nodes run every service as pods of our image, with the English models.
const run = promisify(execFile);
const { signal } = new AbortController();
const root = join(import.meta.dirname, "..");
const stack = new AsyncDisposableStack();
let cluster: ControlPlane;
/** A newcomer's working folder: the repository's charts, and what the guide has them write. */
let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-guides-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  cluster = stack.use(await startControlPlane({ nodes: true, signal }));
  const options = { ...testbedEnvironment(), signal, log: () => undefined };
  const images = [await platformImage(options), await programImage("nats-server", options)];
  const one = stack.use(await startNode(cluster, { name: "one", images, signal }));
  stack.use(await startNode(cluster, { name: "two", images, signal }));
  const mirror = stack.use(await startModelMirror(cluster));
  await cluster.apply([await folderVolume(one, "nats", 10)]);
  await writeFile(
    join(folder, "my-values.yaml"),
    JSON.stringify({
      image: { repository: "localhost/troupe", tag: "dev", pullPolicy: "Never" },
      nats: { image: { repository: "localhost/nats-server", tag: "testbed", pullPolicy: "Never" } },
      models: { mirror: mirror.url },
      // Five stages that measure themselves on two shared cores at once would measure each other.
      pools: { extraEnv: [{ name: "TROUPE_CALIBRATE", value: "off" }] },
      defaultModels: { only: ["whisper-tiny-en", "e5-multilingual", "hibari-en", "mouth-net", "noto-sans-sc"] },
    }),
  );
  await symlink(join(root, "charts"), join(folder, "charts"));
  const programs = join(folder, "bin");
  await mkdir(programs);
  await symlink(await programPath("helm", options), join(programs, "helm"));
  await writeFile(join(programs, "troupe"), `#!/bin/sh\nexec ${process.execPath} ${root}/services/troupe/main.ts "$@"\n`);
  await chmod(join(programs, "troupe"), 0o755);
  environment = {
    PATH: `${programs}:${cluster.binFolder}:${process.env["PATH"]}`,
    HOME: folder,
    KUBECONFIG: cluster.kubeconfig,
    NODE: "two",
  };
}, 120_000);
afterAll(() => stack.disposeAsync());

/** Runs every command of a guide as it stands there. @returns what they printed */
async function follow(guide: string): Promise<string> {
  const text = await readFile(join(root, "docs/guides", guide), "utf8");
  let printed = "";
  for (const [, commands = ""] of text.matchAll(/^```sh\n(.*?)^```$/gms)) {
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", commands], { cwd: folder, env: environment, signal });
    printed += stdout;
  }
  return printed;
}

/** What a person would look at first. */
async function facts(): Promise<string> {
  const looks = [
    ["get", "pods,stagepools", "-o", "wide"],
    ["describe", "pipelines"],
    ["logs", "deployment/troupe-operator", "--tail=40"],
    ["get", "events", "--sort-by=.lastTimestamp"],
  ];
  const seen = await Promise.all(looks.map((look) => cluster.kubectl("-n", namespace, ...look).catch((thrown: Error) => thrown.message)));
  return seen.join("\n\n");
}

const podAddress = (component: string) =>
  cluster.kubectl(
    "-n",
    namespace,
    "get",
    "pods",
    "-l",
    `app.kubernetes.io/component=${component}`,
    "-o",
    "jsonpath={.items[0].status.podIP}",
  );

async function ask(...args: string[]): Promise<string> {
  const out = join(folder, `answer-${args.length}.mp4`);
  const question = ["models/questions/hours.wav", "--asap", "--size", "128x128", "--out", out];
  await run(process.execPath, ["services/troupe/main.ts", "ask", ...question, ...args], { cwd: root });
  return JSON.parse(await readFile(out.replace(/mp4$/, "json"), "utf8")).answer;
}

describe("who follows the guides", () => {
  beforeEach(() => {
    onTestFailed(async () => void process.stdout.write(await facts()));
  });

  it("installs Troupe: every stage becomes a pool that admits, and the avatar answers as it does at home", async () => {
    await follow("install.md");
    const pools = JSON.parse(await cluster.kubectl("-n", namespace, "get", "stagepools", "-o", "json")).items;
    const stages = pools.flatMap((pool: { spec: { members: { stage: string }[] } }) => pool.spec.members.map(({ stage }) => stage));
    expect([...new Set(stages)].sort()).toEqual(["asr", "compositor", "face", "llm", "tts"]);
    expect(await ask("--gateway", `${await podAddress("gateway")}:50051`)).toBe(await ask());
  }, 240_000);

  it("lets a tenant in", async () => {
    expect(await follow("add-a-tenant.md")).toContain("acme");
  });

  it("sees which models are served", async () => {
    expect(await follow("add-a-model.md")).toMatch(/hibari-en\S* +tts +True/);
  });

  it("makes a site of some nodes", async () => {
    expect(await follow("add-a-site.md")).toContain("hall");
  });

  it("finds who serves what, and why not more", async () => {
    environment["NATS_URL"] = `nats://${await podAddress("nats")}:4222`;
    const seen = await follow("read-an-alert.md");
    expect(seen).toMatch(/^llm +llm-\S+ +llm-\S+ +admits/m);
    // Calibration is off here, so the plan says that it knows no replica's capacity.
    expect(seen).toMatch(
      /^Pipeline troupe-system\/default\n(.*\n)+ {2}Ready +True +AllStagesAdmit: .*\n(.*\n)*Without a place\n.*NotProfiled: /m,
    );
  });

  it("empties a node, and everything is served elsewhere", async () => {
    await follow("drain-a-node.md");
    await cluster.kubectl("-n", namespace, "wait", "stagepools", "--all", "--for=condition=Available", "--timeout=60s");
  }, 240_000);
});
