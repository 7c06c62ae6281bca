import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{libs,services,loadtest,tools}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.e2e.test.ts"],
    testTimeout: 20_000,
    teardownTimeout: 5_000,
  },
});
