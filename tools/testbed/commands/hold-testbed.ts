import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { platformImage } from "../images/platform-image.ts";
import { startKwok } from "../kwok/kwok.ts";
import { startModelMirror } from "../models/model-mirror.ts";
import { startNode } from "../node/node.ts";
import { type HeldTestbed, heldFile, type Tier } from "./held-testbed.ts";

export interface HoldOptions {
  readonly folder: string;
  readonly tier: Tier;
  /** Fake or real ones, by tier. */
  readonly nodes: number;
  readonly audit: boolean;
  /** Real nodes: load the platform's image, built first where needed. */
  readonly images: boolean;
}

/** Runs a test bed until the signal comes. What it started ends with this process in any case. */
export async function holdTestbed(options: HoldOptions, signal: AbortSignal): Promise<void> {
  const { folder, tier, audit } = options;
  const log = (line: string) => console.log(line);
  await using stack = new AsyncDisposableStack();
  const controlPlane = stack.use(
    await startControlPlane({ stateFolder: join(folder, "state"), audit, nodes: tier === "node", signal, log }),
  );
  if (tier === "kwok") {
    const kwok = stack.use(await startKwok(controlPlane, { signal, log }));
    await kwok.addFakeNodes(options.nodes, {}, signal);
  }
  const mirror = tier === "node" ? stack.use(await startModelMirror(controlPlane)) : undefined;
  if (tier === "node") await addRealNodes({ controlPlane, options, stack, log }, signal);
  const held: HeldTestbed = {
    pid: process.pid,
    tier,
    modelMirror: mirror?.url,
    kubeconfig: controlPlane.kubeconfig,
    binFolder: controlPlane.binFolder,
    processes: controlPlane.pids,
  };
  await writeFile(heldFile(folder), JSON.stringify(held, undefined, 2));
  stack.defer(() => rm(heldFile(folder), { force: true }));
  log(`up: ${tier}`);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

interface Holding {
  readonly controlPlane: ControlPlane;
  readonly options: HoldOptions;
  readonly stack: AsyncDisposableStack;
  readonly log: (line: string) => void;
}

async function addRealNodes({ controlPlane, options, stack, log }: Holding, signal: AbortSignal): Promise<void> {
  const { cacheDir } = controlPlane.environment;
  const images = options.images ? [await platformImage({ cacheDir, signal, log })] : [];
  for (let number = 1; number <= options.nodes; number++) {
    const name = `node-${number}`;
    stack.use(await startNode(controlPlane, { name, images, signal, log }));
    log(`${name}: Ready`);
  }
}
