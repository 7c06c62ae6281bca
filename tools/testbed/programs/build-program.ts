import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { execute } from "../processes/execute.ts";
import { goFolder, type Program } from "./program-table.ts";

/**
 * Builds a program with Go, without cgo; modules come through the Go module proxy and are checked against go.sum or the checksum database.
 * @param target absolute path of the built file
 * @throws ServiceError TOOL_MISSING without Go, BACKEND_FAILED with the end of what the compiler said
 */
export async function buildProgram(program: Program, target: string, signal: AbortSignal): Promise<void> {
  const set = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ["-trimpath", "-ldflags", ["-s", "-w", ...set].join(" ")];
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), ".build-"));
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false", GOTOOLCHAIN: "auto", GOBIN: work };
  try {
    if ("folder" in program.source) {
      const cwd = join(goFolder, program.source.folder);
      await runGo(["build", "-mod=readonly", ...flags, "-o", join(work, program.name), "."], { cwd, env, signal });
    } else {
      const command = program.source.command ? `${program.module}/${program.source.command}` : program.module;
      await runGo(["install", ...flags, `${command}@v${program.version}`], { env, signal });
    }
    await rename(join(work, basename(target)), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface GoOptions {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

async function runGo(args: readonly string[], options: GoOptions): Promise<void> {
  await execute("go", args, options).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ServiceError(
      "TOOL_MISSING",
      "go is missing; install it with: apt-get install golang (1.21 or later; it fetches the one it needs)",
      {
        metadata: { tool: "go" },
        cause: error,
      },
    );
  });
}
