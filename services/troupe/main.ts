import { runProgram } from "@troupe/service";
import { Command } from "commander";
import { addAsk } from "./commands/ask.ts";
import { addAvatar } from "./commands/avatar.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addExplain } from "./commands/explain.ts";
import { addKey } from "./commands/key.ts";
import { addModels } from "./commands/models.ts";
import { addPlatform } from "./commands/platform.ts";
import { addServe } from "./commands/serve.ts";
import { addTop } from "./commands/top.ts";
import { addVoice } from "./commands/voice.ts";

const program = new Command("troupe").description("Talking avatars: speech in, a face that answers out.").showHelpAfterError();
for (const add of [addAsk, addServe, addPlatform, addModels, addVoice, addAvatar, addKey, addTop, addExplain, addDoctor]) add(program);

await runProgram(() => program.parseAsync());
