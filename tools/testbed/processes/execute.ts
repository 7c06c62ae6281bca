import { spawn } from "node:child_process";
import { ServiceError } from "@troupe/errors";

export interface ExecuteOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Written to its standard input. */
  readonly input?: string | undefined;
  readonly signal: AbortSignal;
}

export interface Executed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 * @throws ServiceError BACKEND_FAILED with the end of what it said; CANCELLED; the error of the system (ENOENT) when it cannot start
 */
export async function execute(program: string, args: readonly string[], options: ExecuteOptions): Promise<Executed> {
  options.signal.throwIfAborted();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    signal: options.signal,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  // A program that ends without reading is no failure of ours.
  child.stdin.on("error", () => undefined).end(options.input ?? "");
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, killedBy) => resolve(code ?? killedBy ?? "unknown"));
  }).catch((error: unknown) => {
    if (options.signal.aborted) throw ServiceError.from(options.signal.reason);
    throw error;
  });
  if (status === 0) return said;
  const end = (said.stderr || said.stdout).trim().slice(-2000);
  throw new ServiceError("BACKEND_FAILED", `${[program, ...args].join(" ").slice(0, 300)} ended with ${status}: ${end}`);
}
