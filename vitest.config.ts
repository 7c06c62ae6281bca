import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const folders = "{libs,services,loadtest,scores,tools,charts}/**";
const shared = { teardownTimeout: 5_000, exclude: ["**/node_modules/**"] };
const system = { testTimeout: 120_000, hookTimeout: 90_000 };

/** Real nodes, measurements, and conversations with the real models in real time: late where something else runs beside them. */
const alone = [
  "charts/guides",
  "loadtest/{cluster,live}/**/*",
  "services/troupe/{back-channel,barge-in,capacity,failures,platform}",
  "services/troupe/live/{openai-clients,page,webrtc,webrtc-browser}",
  "tools/testbed/node/node",
].map((file) => `${file}.system.test.ts`);

/**
 * unit: fast, of one package. system: whole programs, control planes and models; they wait more than they compute, so that two files share
 * the cores. system-alone: one file after the other. The groups run in this order; `--project 'system*'` names both of the last two.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: [`${folders}/*.test.ts`],
          exclude: [...shared.exclude, "**/*.system.test.ts"],
          sequence: { groupOrder: 0 },
          // Vitest's own default leaves a core without work.
          maxWorkers: availableParallelism(),
          testTimeout: 20_000,
          // A fresh registry of modules for each file costs a third of the whole run. No test replaces a module, and what one spies on it restores.
          isolate: false,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...shared,
          ...system,
          name: "system",
          include: [`${folders}/*.system.test.ts`],
          exclude: [...shared.exclude, ...alone],
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...shared,
          ...system,
          name: "system-alone",
          include: alone,
          sequence: { groupOrder: 2 },
          fileParallelism: false,
        },
      },
    ],
  },
});
