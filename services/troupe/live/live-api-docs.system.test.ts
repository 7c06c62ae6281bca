import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { readWebhooksFile } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import { expect, it, onTestFinished } from "vitest";
import { startEmbedded } from "../embedded.ts";
import { root } from "../places.ts";

const blocksOf = (page: string, language: string) =>
  [...page.matchAll(/```(\w+)\n(.*?)```/gs)].filter(([, name]) => name === language).map(([, , text]) => text ?? "");

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "troupe-docs-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it("docs/live-api.md holds commands that work, one after the other", async () => {
  const page = await readFile(join(root, "docs/live-api.md"), "utf8");
  const folder = await temporaryFolder();
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  const bash = async (script: string, variables: Record<string, string> = {}) => {
    const env = { ...process.env, PATH, ...variables };
    return (await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: root, env })).stdout;
  };
  const [makeKey = "", ...calls] = blocksOf(page, "sh").map((block) => block.replaceAll("out/", `${folder}/`));
  const KEY = (await bash(`${makeKey}\nprintf '\\n%s' "$KEY"`)).split("\n").at(-1) ?? "";
  const TROUPE_KEYS_FILE = join(folder, "keys.json");
  const platform = await startEmbedded({
    env: { ...process.env, TROUPE_KEYS_FILE },
    logger: createLogger("test", "error"),
    backends: { asr: "stub", llm: "stub", tts: "stub", face: "stub" },
  });
  onTestFinished(() => platform[Symbol.asyncDispose]());
  const { url } = await platform.serveLive();
  const printed = await bash(calls.join("\n").replaceAll("http://127.0.0.1:8080", url), { KEY, TROUPE_KEYS_FILE });
  for (const part of [
    '"value":"ek_',
    '"has_more":false',
    '"object":"session.usage"',
    '"object":"session.deleted"',
    `revoked ${KEY.split("_")[1]}`,
  ])
    expect(printed).toContain(part);
});

it("docs/live-api.md shows a webhooks file that is valid", async () => {
  const [example = ""] = blocksOf(await readFile(join(root, "docs/live-api.md"), "utf8"), "json");
  const file = join(await temporaryFolder(), "webhooks.json");
  await writeFile(file, example);
  expect(await readWebhooksFile(file)).toMatchObject([{ tenant: "acme", text: false, private: false }]);
});
