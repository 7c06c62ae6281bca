import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runProgram } from "./run-program.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "run-program-"));
});
afterEach(() => rm(dir, { recursive: true }));

/** Writes a file after it was told to end, as clients do that clean up. */
const SLOW_TO_END = `
const { writeFileSync } = require("node:fs");
const dir = process.argv[1];
setInterval(() => undefined, 1000);
process.on("SIGTERM", () => setTimeout(() => {
  writeFileSync(dir + "/ended", "");
  process.exit(0);
}, 100));
writeFileSync(dir + "/started", "");
`;

const exists = (name: string) =>
  access(join(dir, name)).then(
    () => true,
    () => false,
  );

describe("a program", () => {
  it("that is cancelled is gone when the caller hears of it", async () => {
    const aborted = new AbortController();
    let settled = false;
    const run = runProgram(process.execPath, ["-e", SLOW_TO_END, dir], { env: process.env, signal: aborted.signal }).finally(() => {
      settled = true;
    });
    const refused = expect(run).rejects.toMatchObject({ reason: "CANCELLED" });
    while (!settled && !(await exists("started"))) await new Promise(setImmediate);
    aborted.abort();
    await refused;
    expect(await exists("ended")).toBe(true);
  });

  it("that is not installed is a missing tool; one that fails says how", async () => {
    await expect(runProgram("no-such-program", [], { env: process.env })).rejects.toMatchObject({ reason: "TOOL_MISSING" });
    const failing = runProgram(process.execPath, ["-e", "console.error('no room'); process.exit(3)"], { env: process.env });
    await expect(failing).rejects.toMatchObject({ reason: "BACKEND_FAILED", message: expect.stringMatching(/ended with 3: no room/) });
  });
});
