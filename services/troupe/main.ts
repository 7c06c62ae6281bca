import { reasons, ServiceError } from "@troupe/errors";
import { Command } from "commander";
import { addAsk } from "./commands/ask.ts";

const program = new Command("troupe").description("Talking avatars: speech in, a face that answers out.").showHelpAfterError();
addAsk(program);

try {
  await program.parseAsync();
} catch (thrown) {
  const error = ServiceError.from(thrown);
  console.error(`\n${error.reason}: ${error.message}\n${reasons[error.reason].help}`);
  if (error.reason === "INTERNAL") console.error(error.cause);
  process.exitCode = 1;
}
