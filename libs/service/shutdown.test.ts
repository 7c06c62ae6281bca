import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** A process that gets SIGTERM and whose parts stop as they say. */
function terminated(...stops: readonly string[]) {
  const module = JSON.stringify(new URL("./shutdown.ts", import.meta.url).href);
  const program = `
    const { onShutdown } = await import(${module});
    setInterval(() => undefined, 1000);
    ${stops.map((stop) => `onShutdown(${stop});`).join("\n")}
    process.kill(process.pid, "SIGTERM");
  `;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 15_000 });
  return { status, stderr };
}

describe("a process that is told to stop", () => {
  it("exits with 0 once it has stopped", () => {
    expect(terminated("async () => undefined")).toMatchObject({ status: 0 });
  });

  it("exits when all its parts have stopped", () => {
    const slow =
      'async () => { await new Promise((resolve) => setTimeout(resolve, 50)); process.stderr.write("the slow one has stopped"); }';
    const { status, stderr } = terminated("async () => undefined", slow);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "the slow one has stopped" });
  });

  it("says why it could not stop in order, and exits with 1", () => {
    const { status, stderr } = terminated('async () => { throw new Error("the bus hangs"); }');
    expect(status).toBe(1);
    expect(stderr).toContain("the bus hangs");
  });
});
