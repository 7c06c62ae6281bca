import { spawn } from "node:child_process";
import { ServiceError } from "@troupe/errors";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface RunProgramOptions {
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
}

const TAIL_CHARACTERS = 2000;

/**
 * Runs a program to its end, without a shell. Settles only when the program is gone, after an abort too: until then it may write.
 * @throws ServiceError TOOL_MISSING when it is not installed, BACKEND_FAILED with the end of its output when it fails, CANCELLED
 */
export function runProgram(program: string, args: readonly string[], options: RunProgramOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: options.env,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    let tail = "";
    let failure: ServiceError | undefined;
    const keepTail = (chunk: Buffer) => {
      tail = (tail + chunk.toString("utf8")).slice(-TAIL_CHARACTERS);
    };
    child.stdout.on("data", keepTail);
    child.stderr.on("data", keepTail);
    child.on("error", (error: NodeJS.ErrnoException) => {
      failure =
        error.code === "ENOENT"
          ? new ServiceError("TOOL_MISSING", `${program} is not installed: apt-get install ${program}`)
          : ServiceError.from(error);
      if (child.pid === undefined) reject(failure);
    });
    child.on("close", (exitCode) => {
      if (failure) reject(failure);
      else if (exitCode === 0) resolve();
      else reject(new ServiceError("BACKEND_FAILED", `${program} ${args.slice(0, 3).join(" ")} ended with ${exitCode}: ${tail.trim()}`));
    });
  });
}
