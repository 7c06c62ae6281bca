import { reasons, ServiceError } from "@troupe/errors";
import { Command } from "commander";
import { addAsk } from "./commands/ask.ts";
import { addAvatar } from "./commands/avatar.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addPlatform } from "./commands/platform.ts";
import { addServe } from "./commands/serve.ts";

const program = new Command("troupe").description("Talking avatars: speech in, a face that answers out.").showHelpAfterError();
for (const add of [addAsk, addServe, addPlatform, addAvatar, addDoctor]) add(program);

try {
  await program.parseAsync();
} catch (thrown) {
  const error = ServiceError.from(thrown);
  console.error(`\n${error.reason}: ${error.message}\n${reasons[error.reason].help}`);
  if (error.reason === "INTERNAL") console.error(error.cause);
  process.exitCode = 1;
}
