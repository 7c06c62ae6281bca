import { inspect } from "node:util";
import { reasons, ServiceError } from "@troupe/errors";

/** Runs a command line: what it throws is told to people on standard error, with what to do about it, and the exit code is 1. */
export async function runProgram(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    const error = ServiceError.from(thrown);
    process.stderr.write(`\n${error.reason}: ${error.message}\n${reasons[error.reason].help}\n`);
    if (error.reason === "INTERNAL") process.stderr.write(`${inspect(error.cause)}\n`);
    process.exitCode = 1;
  }
}
