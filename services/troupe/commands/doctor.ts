import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ServiceError } from "@troupe/errors";
import { createModelStore, defaultCacheDir, listManifests, modelsOfPacks } from "@troupe/model-store";
import { toolPath } from "@troupe/service";
import type { Command } from "commander";
import { root } from "../places.ts";

interface Check {
  readonly name: string;
  /** Whether `troupe ask` works without it. */
  readonly optional: boolean;
  readonly fix: string;
  run(): Promise<string>;
}

const run = promisify(execFile);

export function addDoctor(program: Command): void {
  program.command("doctor").description("what is missing on this machine, and how to get it").action(doctor);
}

async function doctor(): Promise<void> {
  const manifestDir = join(root, "models");
  const store = createModelStore({ manifestDir, cacheDir: defaultCacheDir(process.env, homedir()) });
  const models = await listManifests(manifestDir);
  const wanted = await modelsOfPacks(manifestDir, ["en", "zh"]);
  const checks: Check[] = [
    { name: "node 24", optional: false, fix: "make setup", run: nodeVersion },
    {
      name: "python3 with pip",
      optional: true,
      fix: "install python3 and python3-pip; needed once, by make models",
      run: async () => (await run("python3", ["-m", "pip", "--version"])).stdout,
    },
    {
      name: "canvas",
      optional: false,
      fix: "npm ci",
      run: async () => `@napi-rs/canvas ${Object.keys(await import("@troupe/compositor")).length > 0 ? "loads" : ""}`,
    },
    ...models.map(
      (id): Check => ({
        name: `model ${id}`,
        optional: !wanted.includes(id),
        fix: wanted.includes(id) ? "make models" : `troupe models pull ${id}, if you want it`,
        run: async () => `${(await store.resolve(id)).manifest.license}, verified`,
      }),
    ),
    ...["nats-server", "grpcurl", "promtool"].map(
      (name): Check => ({ name, optional: true, fix: "make tools", run: async () => toolPath(name) }),
    ),
  ];
  let missing = 0;
  for (const check of checks) {
    const outcome = await check.run().then(
      (text) => ({ ok: true, text: text.trim() }),
      (thrown: unknown) => ({ ok: false, text: ServiceError.from(thrown).message.split("\n")[0] ?? "" }),
    );
    if (!outcome.ok && !check.optional) missing++;
    const mark = outcome.ok ? "ok     " : check.optional ? "absent " : "MISSING";
    console.log(`${mark} ${check.name.padEnd(22)} ${outcome.ok ? outcome.text : `${outcome.text} -> ${check.fix}`}`);
  }
  console.log(missing === 0 ? "\nready: make demo" : `\n${missing} missing; do what stands behind the arrows`);
  if (missing > 0) process.exitCode = 1;
}

async function nodeVersion(): Promise<string> {
  if (Number(process.versions.node.split(".")[0]) < 24) throw new ServiceError("TOOL_MISSING", `this is node ${process.versions.node}`);
  return process.versions.node;
}
