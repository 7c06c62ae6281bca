import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { removeLeftovers } from "../processes/leftovers.ts";
import { waitFor } from "../processes/wait-for.ts";
import { readHeld, testbedFolder } from "./held-testbed.ts";

export function addDown(program: Command): void {
  program.command("down").description("stop it, throw its state away, and remove what killed test beds have left").action(down);
}

async function down(): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const held = await readHeld(testbedFolder);
  if (held) {
    process.kill(held.pid, "SIGTERM");
    await waitFor("the end of the test bed", async () => (await readHeld(testbedFolder)) === undefined, { signal, limitMs: 60_000 });
    console.log(`stopped ${held.tier}`);
  }
  await rm(testbedFolder, { recursive: true, force: true });
  for (const name of await removeLeftovers(signal)) console.log(`removed ${name}`);
}
