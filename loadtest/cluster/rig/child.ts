import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";

export const root = join(import.meta.dirname, "../../..");

export interface ChildOptions {
  readonly name: string;
  /** Path of the program from the repository's root. */
  readonly program: string;
  readonly arguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it says is appended to `<name>.log` there. */
  readonly logFolder: string;
}

/** A Node process that ends, at the latest, with the one that started it. */
export interface Child<Status = unknown> extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** The last thing it told. */
  readonly status: Status | undefined;
  send(message: object): void;
  /** Waits for its end. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** @throws ServiceError BACKEND_FAILED with the end of its log when it has ended by itself */
  throwIfEnded(): void;
  log(): string;
}

export function startChild<Status = unknown>(options: ChildOptions): Child<Status> {
  const { name, program, env, logFolder } = options;
  const logPath = join(logFolder, `${name}.log`);
  const log = openSync(logPath, "a");
  const command = ["--pdeathsig", "KILL", "--", process.execPath, join(root, program), ...(options.arguments ?? [])];
  const child: ChildProcess = spawn("setpriv", command, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  const ended = once(child, "exit");
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  let status: Status | undefined;
  child.on("message", (message) => {
    status = message as Status;
  });
  // A process that has just ended cannot be told anything; its end is noticed elsewhere.
  child.on("error", () => undefined);
  const kill = async (signal: "SIGKILL" | "SIGTERM" = "SIGKILL") => {
    if (!hasEnded()) child.kill(signal);
    await ended;
  };
  return {
    name,
    pid: child.pid ?? -1,
    get running() {
      return !hasEnded();
    },
    get status() {
      return status;
    },
    send: (message) => void child.send(message, () => undefined),
    kill,
    throwIfEnded() {
      if (!hasEnded()) return;
      const end = readFileSync(logPath, "utf8").trim().slice(-1500);
      throw new ServiceError("BACKEND_FAILED", `${name} ended with ${child.exitCode ?? child.signalCode}: ${end}`);
    },
    log: () => readFileSync(logPath, "utf8"),
    [Symbol.asyncDispose]: () => kill(),
  };
}
