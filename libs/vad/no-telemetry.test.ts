import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultCacheDir } from "@troupe/model-store";
import { expect, it, onTestFinished } from "vitest";

const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
const manifestDir = JSON.stringify(join(import.meta.dirname, "../../models"));
const cacheDir = JSON.stringify(defaultCacheDir(process.env, homedir()));
const script = `
  import { createVad } from ${here("./index.ts")};
  import { createModelStore } from ${here("../model-store/index.ts")};
  const store = createModelStore({ manifestDir: ${manifestDir}, cacheDir: ${cacheDir} });
  const vad = await createVad({ model: await store.resolve("silero-vad") });
  await vad[Symbol.asyncDispose]();
`;

// ONNX Runtime keeps an identifier of the machine under the home directory before it sends anything; with CI in the environment it does neither.
it("loads a model without ONNX Runtime's telemetry: nothing appears in the home directory or among the temporary files", async () => {
  const folder = await mkdtemp(join(tmpdir(), "troupe-vad-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const env = { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder };
  await promisify(execFile)(process.execPath, ["-e", script], { env });
  expect(await readdir(folder, { recursive: true })).toEqual([]);
}, 60_000);
