import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { describePullEvent } from "./progress.ts";

const run = promisify(execFile);
const script = fileURLToPath(new URL("./pull.ts", import.meta.url));

describe("tools/models/pull.ts", () => {
  it("explains itself", async () => {
    expect((await run(process.execPath, [script, "--help"])).stdout).toContain("--cache <folder>");
  });

  it("fails with the reason when there is no such model", async () => {
    await expect(run(process.execPath, [script, "no-such-model"])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("MODEL_UNKNOWN"),
    });
  });

  it("tells the time of downloading and of converting apart", () => {
    const line = describePullEvent({ kind: "pulled", id: "tiny", downloadMs: 1234, convertMs: 560 });
    expect(line).toBe("tiny: ready, 1.2 s download, 0.6 s conversion");
  });
});
