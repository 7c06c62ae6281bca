import { runProgram } from "@troupe/service";
import { Command } from "commander";
import { addBuild } from "./commands/build.ts";
import { addDown } from "./commands/down.ts";
import { addStatus } from "./commands/status.ts";
import { addUp } from "./commands/up.ts";

const program = new Command("testbed").description("A real Kubernetes on one Linux machine, without Docker.").showHelpAfterError();
for (const add of [addUp, addDown, addStatus, addBuild]) add(program);

await runProgram(() => program.parseAsync());
