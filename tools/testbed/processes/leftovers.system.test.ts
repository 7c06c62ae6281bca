import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { removeLeftovers } from "./leftovers.ts";
import { waitFor } from "./wait-for.ts";

const script = `
  const { startControlPlane } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
  const { pids, stateFolder } = await startControlPlane({ signal: new AbortController().signal });
  console.log(JSON.stringify({ pids, stateFolder }));
  setInterval(() => undefined, 1000);
`;

it("a killed process takes its control plane with it, and the next one removes what it kept", async () => {
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(owner.stdout), "line")) as [string];
  const { pids, stateFolder } = JSON.parse(line) as { pids: Record<string, number>; stateFolder: string };
  expect(Object.values(pids).every((pid) => existsSync(`/proc/${pid}`))).toBe(true);

  owner.kill("SIGKILL");
  await once(owner, "exit");
  const { signal } = new AbortController();
  const gone = async () => Object.values(pids).every((pid) => !existsSync(`/proc/${pid}`));
  await waitFor("the end of the control plane", gone, { signal, limitMs: 10_000 });
  expect(existsSync(stateFolder)).toBe(true);
  await removeLeftovers(signal);
  expect(existsSync(stateFolder)).toBe(false);
});
