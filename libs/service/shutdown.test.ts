import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** A process that gets SIGTERM and stops as `stop` says. */
function terminated(stop: string) {
  const module = JSON.stringify(new URL("./shutdown.ts", import.meta.url).href);
  const program = `
    const { onShutdown } = await import(${module});
    setInterval(() => undefined, 1000);
    onShutdown(${stop});
    process.kill(process.pid, "SIGTERM");
  `;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 15_000 });
  return { status, stderr };
}

describe("a process that is told to stop", () => {
  it("exits with 0 once it has stopped", () => {
    expect(terminated("async () => undefined")).toMatchObject({ status: 0 });
  });

  it("says why it could not stop in order, and exits with 1", () => {
    const { status, stderr } = terminated('async () => { throw new Error("the bus hangs"); }');
    expect(status).toBe(1);
    expect(stderr).toContain("the bus hangs");
  });
});
