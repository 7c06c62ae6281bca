import { defineConfig } from "vitest/config";

const folders = "{libs,services,loadtest,scores,tools,charts}/**";
const shared = { teardownTimeout: 5_000, exclude: ["**/node_modules/**"] };

/** unit: fast, of one package. system: whole platforms, real models in real time; one file after the other. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: [`${folders}/*.test.ts`],
          exclude: [...shared.exclude, "**/*.system.test.ts"],
          testTimeout: 20_000,
          // A fresh registry of modules for each file costs a third of the whole run. No test replaces a module, and what one spies on it restores.
          isolate: false,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...shared,
          name: "system",
          include: [`${folders}/*.system.test.ts`],
          testTimeout: 120_000,
          hookTimeout: 90_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
